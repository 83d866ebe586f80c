package tributary.sdk;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What may be done with a person's events (protocol, section 6). */
public enum Consent {
    GRANTED, PENDING, DENIED;

    // The names under which consent platforms file measurement; the first that is mentioned decides.
    private static final String[] MEASUREMENT =
            {"measurement", "analytics", "performance", "statistics", "marketing", "advertising"};

    /** said is a word, a map of categories, or null; isSignalled stands for Global Privacy Control where there is one. */
    public static Consent state(Object said, boolean isSignalled, boolean isRequired, boolean hasOptedOut) {
        if (hasOptedOut || isSignalled) {
            return DENIED;
        }
        Consent spoken = said instanceof Map ? ofCategories((Map<?, ?>) said) : ofWord(said);
        return spoken != null ? spoken : isRequired ? PENDING : GRANTED;
    }

    private static Consent ofWord(Object said) {
        return "granted".equals(said) ? GRANTED : "denied".equals(said) ? DENIED : null;
    }

    private static Consent ofCategories(Map<?, ?> said) {
        Map<String, Consent> byName = new HashMap<>();
        for (Map.Entry<?, ?> one : said.entrySet()) {
            Object given = one.getValue();
            Consent state = given instanceof Boolean ? (Boolean) given ? GRANTED : DENIED : ofWord(given);
            if (state != null) {
                byName.put(Events.string(one.getKey()).trim().toLowerCase(Locale.ROOT), state);
            }
        }
        for (String name : MEASUREMENT) {
            if (byName.containsKey(name)) {
                return byName.get(name);
            }
        }
        return byName.isEmpty() || byName.containsValue(GRANTED) ? null : DENIED;
    }
}
