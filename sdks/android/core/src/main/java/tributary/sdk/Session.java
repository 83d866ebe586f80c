package tributary.sdk;

import java.util.LinkedHashMap;
import java.util.Map;

/** A session of the app (protocol, section 4). */
public final class Session {
    private static final long GAP = 30 * 60_000;

    public final String id;
    public final long number;
    public final boolean isNew;
    private final long last;
    private final String source;

    private Session(String id, long number, boolean isNew, long last, String source) {
        this.id = id;
        this.number = number;
        this.isNew = isNew;
        this.last = last;
        this.source = source;
    }

    /** The session of an event at now that came with a source (empty for none); before may be null. */
    public static Session next(Session before, long now, String source) {
        boolean goesOn = before != null
                && Math.abs(now - before.last) <= GAP
                && (source.isEmpty() || source.equals(before.source));
        if (goesOn) {
            return new Session(before.id, before.number, false, now, before.source);
        }
        return new Session(Long.toString(now), before == null ? 1 : before.number + 1, true, now, source);
    }

    Map<String, Object> asContext() {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("id", id);
        context.put("number", number);
        return context;
    }

    String asText() {
        return id + "\n" + number + "\n" + last + "\n" + source;
    }

    /** Null for a text that is none. */
    static Session fromText(String text) {
        String[] parts = text == null ? new String[0] : text.split("\n", 4);
        try {
            return parts.length < 4
                    ? null
                    : new Session(parts[0], Long.parseLong(parts[1]), false, Long.parseLong(parts[2]), parts[3]);
        } catch (NumberFormatException error) {
            return null;
        }
    }
}
