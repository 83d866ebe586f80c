package tributary.sdk;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Batches, requests, answers and pauses (protocol, sections 2 and 3). */
public final class Delivery {
    static final int MAX_EVENTS = 2_500;
    static final int MAX_BYTES = 512_000;
    private static final int ENVELOPE = 1_024;
    private static final long LONGEST_PAUSE = 300_000;
    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private Delivery() {}

    /** Indexes of events by batch, and of those that no batch may hold. */
    public static final class Batches {
        public final List<List<Integer>> batches = new ArrayList<>();
        public final List<Integer> tooLarge = new ArrayList<>();
    }

    /** What an answer means. */
    public enum Action { DONE, RETRY, SPLIT }

    /** An event of a batch that was not accepted. */
    public static final class Problem {
        public final int index;
        public final String reason;

        Problem(int index, String reason) {
            this.index = index;
            this.reason = reason;
        }
    }

    /** What to do with a batch after its answer. */
    public static final class Verdict {
        public final Action action;
        public final List<Problem> problems;

        Verdict(Action action, List<Problem> problems) {
            this.action = action;
            this.problems = problems;
        }

        static Verdict of(Action action) {
            return new Verdict(action, Collections.<Problem>emptyList());
        }

        static Verdict one(String reason) {
            return new Verdict(Action.DONE, Collections.singletonList(new Problem(0, reason)));
        }
    }

    /** What goes over the wire, not compressed yet. */
    public static final class Request {
        /** POST, or GET without a body. */
        public final String method;
        public final String url;
        public final Map<String, String> headers = new LinkedHashMap<>();
        public final String body;

        Request(String method, String url, String body) {
            this.method = method;
            this.url = url;
            this.body = body;
        }
    }

    public static Batches batches(List<Integer> sizes, int maxEvents, int maxBytes) {
        Batches found = new Batches();
        List<Integer> last = null;
        int room = 0;
        for (int index = 0; index < sizes.size(); index++) {
            int size = sizes.get(index);
            if (size > Events.MAX_BYTES) {
                found.tooLarge.add(index);
                continue;
            }
            if (last == null || last.size() >= maxEvents || size + 1 > room) {
                last = new ArrayList<>();
                found.batches.add(last);
                room = maxBytes - ENVELOPE;
            }
            last.add(index);
            room -= size + 1;
        }
        return found;
    }

    public static Request request(String host, String writeKey, List<String> events, long now) {
        StringBuilder body = new StringBuilder("{\"batch\":[");
        for (int i = 0; i < events.size(); i++) {
            body.append(i == 0 ? "" : ",").append(events.get(i));
        }
        body.append("],\"sentAt\":\"").append(Events.instant(now)).append("\"}");
        return request(host, "batch", writeKey, body.toString());
    }

    static Request request(String host, String door, String writeKey, String body) {
        Request request = new Request("POST", host.replaceAll("/+$", "") + "/v1/" + door, body);
        request.headers.put("content-type", "application/json");
        request.headers.put("authorization", "Basic " + base64((writeKey + ":").getBytes(Events.UTF_8)));
        return request;
    }

    /** Status 0 means that there was no answer. */
    public static Verdict judge(int status, String body, int count) {
        Map<?, ?> answer = read(body);
        if (status == 200 && isOurs(answer.get("results"), count)) {
            return done((List<?>) answer.get("results"));
        }
        if (status == 413) {
            return count > 1 ? Verdict.of(Action.SPLIT) : Verdict.one("too_large");
        }
        boolean isRefusal = status == 400 || status == 403 || status == 422;
        if (isRefusal && answer.get("code") instanceof String) {
            if (isOurs(answer.get("errors"), count)) {
                return done((List<?>) answer.get("errors"));
            }
            return count > 1 ? Verdict.of(Action.SPLIT) : Verdict.one((String) answer.get("code"));
        }
        return Verdict.of(Action.RETRY);
    }

    /** Milliseconds until the next attempt; attempts count from 1, random is in [0, 1). */
    public static long pause(int attempt, double random, String retryAfter) {
        if (retryAfter != null && retryAfter.matches("[0-9]+")) {
            long seconds = retryAfter.length() > 6 ? 3_600 : Math.min(Long.parseLong(retryAfter), 3_600);
            return seconds * 1_000 + (long) Math.floor(random * 1_000);
        }
        long top = Math.min(LONGEST_PAUSE, 1_000L << Math.min(attempt - 1, 20));
        return (long) Math.floor(top / 2.0 + random * top / 2.0);
    }

    /** Whether an answer speaks of each event by its place, as only the door does. */
    private static boolean isOurs(Object results, int count) {
        if (!(results instanceof List) || ((List<?>) results).size() != count) {
            return false;
        }
        for (Object one : (List<?>) results) {
            Object index = one instanceof Map ? ((Map<?, ?>) one).get("index") : null;
            if (!(index instanceof Long) || (Long) index < 0 || (Long) index >= count) {
                return false;
            }
        }
        return true;
    }

    private static Verdict done(List<?> results) {
        List<Problem> problems = new ArrayList<>();
        for (Object one : results) {
            Map<?, ?> result = (Map<?, ?>) one;
            if (!"accepted".equals(result.get("status"))) {
                problems.add(new Problem(((Number) result.get("index")).intValue(), Events.string(result.get("reason"))));
            }
        }
        return new Verdict(Action.DONE, problems);
    }

    static Map<?, ?> read(String body) {
        try {
            Object answer = Json.read(body);
            return answer instanceof Map ? (Map<?, ?>) answer : Collections.emptyMap();
        } catch (Json.Malformed error) {
            return Collections.emptyMap();
        }
    }

    /** java.util.Base64 needs Android 8, android.util.Base64 needs Android. */
    private static String base64(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < bytes.length; i += 3) {
            int left = Math.min(3, bytes.length - i);
            int bits = (bytes[i] & 255) << 16;
            bits |= left > 1 ? (bytes[i + 1] & 255) << 8 : 0;
            bits |= left > 2 ? bytes[i + 2] & 255 : 0;
            for (int part = 0; part < 4; part++) {
                out.append(part <= left ? BASE64.charAt(bits >> (18 - 6 * part) & 63) : '=');
            }
        }
        return out.toString();
    }
}
