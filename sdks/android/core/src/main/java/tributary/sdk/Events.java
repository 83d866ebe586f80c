package tributary.sdk;

import java.nio.charset.Charset;
import java.text.SimpleDateFormat;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;

/** From a call to the text of an event, or the reason why there is none (protocol, section 1). */
public final class Events {
    static final int MAX_BYTES = 32_768;
    static final Charset UTF_8 = Charset.forName("UTF-8");
    private static final int LONGEST = 512;
    private static final String[] WORDS = {"messageId", "anonymousId", "userId", "previousId", "groupId", "event", "name"};

    private Events() {}

    /** The event cannot be sent; the message is the reason as the protocol names it. */
    public static final class Refused extends Exception {
        Refused(String reason) {
            super(reason);
        }
    }

    /** What is known beside the fields of a call. */
    public static final class Around {
        public String anonymousId;
        public String userId;
        public String messageId;
        public long now;
        public Map<String, Object> context = Collections.emptyMap();
        /** A word, a map of categories, or null. */
        public Object consent;
    }

    public static String build(String type, Map<String, ?> fields, Around around) throws Refused {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", type);
        event.put("messageId", around.messageId);
        event.put("timestamp", instant(around.now));
        putGiven(event, "anonymousId", around.anonymousId);
        putGiven(event, "userId", around.userId);
        Map<String, Object> context = new LinkedHashMap<>(around.context);
        if (around.consent instanceof Map) {
            context.put("consent", Collections.singletonMap("categoryPreferences", plain((Map<?, ?>) around.consent)));
        } else if (around.consent != null) {
            context.put("consent", Collections.singletonMap("status", around.consent));
        }
        for (Map.Entry<String, ?> field : fields.entrySet()) {
            if (field.getKey().equals("context")) {
                context.putAll(contextOf(field.getValue()));
            } else {
                putGiven(event, field.getKey(), field.getValue());
            }
        }
        event.put("context", context);
        check(event);
        return written(event);
    }

    /** Milliseconds since 1970 as ISO 8601 in UTC. */
    public static String instant(long milliseconds) {
        SimpleDateFormat form = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT);
        form.setTimeZone(TimeZone.getTimeZone("UTC"));
        return form.format(new Date(milliseconds));
    }

    static String string(Object value) {
        return value == null ? "" : value.toString();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> contextOf(Object value) {
        return value instanceof Map ? (Map<String, Object>) value : Collections.<String, Object>emptyMap();
    }

    private static String written(Map<String, Object> event) throws Refused {
        try {
            String text = Json.write(event);
            if (text.getBytes(UTF_8).length > MAX_BYTES) {
                throw new Refused("too_large");
            }
            return text;
        } catch (Json.Malformed error) {
            throw new Refused("not_json");
        }
    }

    private static void check(Map<String, Object> event) throws Refused {
        String type = string(event.get("type"));
        boolean hasUser = !string(event.get("userId")).isEmpty();
        if (type.equals("track") && string(event.get("event")).isEmpty()) {
            throw new Refused("no_name");
        }
        if (!hasUser && string(event.get("anonymousId")).isEmpty()) {
            throw new Refused("no_identity");
        }
        if (type.equals("alias") && (!hasUser || string(event.get("previousId")).isEmpty())) {
            throw new Refused("no_identity");
        }
        if (type.equals("group") && string(event.get("groupId")).isEmpty()) {
            throw new Refused("no_group");
        }
        for (String word : WORDS) {
            if (isTooLong(string(event.get(word)))) {
                throw new Refused("too_long");
            }
        }
    }

    static boolean isTooLong(String text) {
        return text.codePointCount(0, text.length()) > LONGEST;
    }

    /** What has no value takes the place of none. */
    private static void putGiven(Map<String, Object> event, String name, Object value) {
        if (value != null && !value.equals("")) {
            event.put(name, value);
        }
    }

    /** Of what was said the part that the door reads: words, numbers and flags. */
    private static Map<String, Object> plain(Map<?, ?> said) {
        Map<String, Object> found = new LinkedHashMap<>();
        for (Map.Entry<?, ?> one : said.entrySet()) {
            if (one.getValue() instanceof String || one.getValue() instanceof Number || one.getValue() instanceof Boolean) {
                found.put(string(one.getKey()), one.getValue());
            }
        }
        return found;
    }
}
