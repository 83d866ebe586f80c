package tributary.sdk;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Runs the vectors of sdks/conformance that name this SDK; prints what differs and how many cases were run. */
public final class Conformance {
    public static void main(String[] arguments) throws Exception {
        long count = 0;
        List<Object> failed = new ArrayList<>();
        for (File file : new File(arguments[0]).listFiles()) {
            Map<String, Object> vectors = map(Json.read(new String(Files.readAllBytes(file.toPath()), StandardCharsets.UTF_8)));
            if (!((List<?>) vectors.get("sdks")).contains("android")) {
                continue;
            }
            String name = file.getName().replace(".json", "");
            for (Object one : (List<?>) vectors.get("cases")) {
                Map<String, Object> input = map(map(one).get("input"));
                if ("browser".equals(input.get("kind"))) {
                    continue;
                }
                count++;
                Object found = run(name, input);
                if (!same(found, map(one).get("expected"))) {
                    failed.add(name + ": " + map(one).get("name") + ": " + Json.write(found));
                }
            }
        }
        System.out.println(Json.write(object("count", count, "failed", failed)));
    }

    private static Object run(String name, Map<String, Object> input) throws Exception {
        switch (name) {
            case "retry":
                return Delivery.pause(number(input, "attempt"), ((Number) input.get("random")).doubleValue(), (String) input.get("retryAfter"));
            case "answers":
                return verdict(Delivery.judge(number(input, "status"), (String) input.get("body"), number(input, "count")));
            case "batches":
                return batches(input);
            case "sources":
                return source(Sources.of((String) input.get("url")), null);
            case "install_referrer":
                String url = Sources.installAddress((String) input.get("package"), (String) input.get("referrer"));
                return source(Sources.of(url), url);
            case "sessions":
                return sessions((List<?>) input.get("steps"));
            case "consent":
                boolean isSignalled = is(input, "gpc") && !is(input, "ignoreGpc");
                Consent state = Consent.state(input.get("said"), isSignalled, is(input, "required"), is(input, "optedOut"));
                return state.name().toLowerCase(Locale.ROOT);
            case "requests":
                return request(input);
            case "events":
                return event(input);
            case "first_open":
                return firstOpen(input);
            case "opened_by":
                return openedBy(input);
            default:
                throw new IllegalArgumentException("There are vectors that this runner does not know: " + name);
        }
    }

    private static Object verdict(Delivery.Verdict verdict) {
        List<Object> problems = new ArrayList<>();
        for (Delivery.Problem problem : verdict.problems) {
            problems.add(object("index", problem.index, "reason", problem.reason));
        }
        return object("action", verdict.action.name().toLowerCase(Locale.ROOT), "problems", problems);
    }

    private static Object batches(Map<String, Object> input) {
        List<Integer> sizes = new ArrayList<>();
        for (Object size : (List<?>) input.get("sizes")) {
            sizes.add(((Number) size).intValue());
        }
        Delivery.Batches found = Delivery.batches(sizes, number(input, "maxEvents"), number(input, "maxBytes"));
        return object("batches", found.batches, "tooLarge", found.tooLarge);
    }

    private static Object source(Sources found, String url) {
        return url == null
                ? object("campaign", found.campaign, "captured", found.captured, "source", found.source)
                : object("url", url, "campaign", found.campaign, "captured", found.captured);
    }

    private static Object sessions(List<?> steps) {
        List<Object> found = new ArrayList<>();
        Session session = null;
        for (Object step : steps) {
            Session read = session == null ? null : Session.fromText(session.asText());
            session = Session.next(read, ((Number) map(step).get("now")).longValue(), (String) map(step).get("source"));
            found.add(object("id", session.id, "number", session.number, "isNew", session.isNew));
        }
        return found;
    }

    private static Object request(Map<String, Object> input) throws Exception {
        List<String> events = new ArrayList<>();
        for (Object event : (List<?>) input.get("events")) {
            events.add(Json.write(event));
        }
        long now = ((Number) input.get("now")).longValue();
        Delivery.Request made = Delivery.request((String) input.get("host"), (String) input.get("writeKey"), events, now);
        return object("method", "POST", "url", made.url, "headers", made.headers, "body", Json.read(made.body));
    }

    private static Object firstOpen(Map<String, Object> input) throws Exception {
        Delivery.Request made = FirstOpen.request(
                (String) input.get("host"), (String) input.get("writeKey"), (String) input.get("clickId"), (String) input.get("anonymousId"));
        FirstOpen found = FirstOpen.read(number(input, "status"), (String) input.get("body"));
        Object told = found == null ? null : object("deepLink", found.deepLink, "campaign", found.campaign);
        return object("request", object("url", made.url, "headers", made.headers, "body", Json.read(made.body)), "found", told);
    }

    private static Object openedBy(Map<String, Object> input) {
        String url = (String) input.get("url");
        List<String> domains = new ArrayList<>();
        for (Object domain : (List<?>) input.get("linkDomains")) {
            domains.add((String) domain);
        }
        boolean isLink = Links.isOne(url, (String) input.get("host"), domains);
        Delivery.Request made = Links.question(url, (String) input.get("anonymousId"));
        Opening found = isLink ? Opening.answered(url, number(input, "status"), (String) input.get("body")) : Opening.unasked(url, false);
        return object(
                "request", isLink ? object("method", made.method, "url", made.url, "headers", made.headers) : null,
                "found", object("clickId", found.clickId, "deepLink", found.deepLink, "campaign", found.campaign),
                "page", found.page);
    }

    private static Object event(Map<String, Object> input) throws Exception {
        Events.Around around = new Events.Around();
        around.anonymousId = (String) input.get("anonymousId");
        around.userId = (String) input.get("userId");
        around.messageId = (String) input.get("messageId");
        around.now = ((Number) input.get("now")).longValue();
        around.context = map(input.get("context"));
        around.consent = input.get("consent");
        try {
            return object("event", Json.read(Events.build((String) input.get("type"), map(input.get("fields")), around)));
        } catch (Events.Refused refused) {
            return object("error", refused.getMessage());
        }
    }

    /** Equal as JSON: numbers by their size, whatever their class. */
    private static boolean same(Object one, Object other) throws Json.Malformed {
        return canonical(Json.read(Json.write(one))).equals(canonical(other));
    }

    private static String canonical(Object value) throws Json.Malformed {
        if (value instanceof Map) {
            Map<String, String> sorted = new java.util.TreeMap<>();
            for (Map.Entry<String, Object> entry : map(value).entrySet()) {
                sorted.put(entry.getKey(), canonical(entry.getValue()));
            }
            return sorted.toString();
        }
        if (value instanceof List) {
            List<String> found = new ArrayList<>();
            for (Object item : (List<?>) value) {
                found.add(canonical(item));
            }
            return found.toString();
        }
        return value instanceof Number ? Double.toString(((Number) value).doubleValue()) : Json.write(value);
    }

    private static int number(Map<String, Object> input, String name) {
        return ((Number) input.get(name)).intValue();
    }

    private static boolean is(Map<String, Object> input, String name) {
        return Boolean.TRUE.equals(input.get(name));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static Map<String, Object> object(Object... pairs) {
        Map<String, Object> made = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            made.put((String) pairs[i], pairs[i + 1]);
        }
        return made;
    }
}
