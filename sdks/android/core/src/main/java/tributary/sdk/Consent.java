package tributary.sdk;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What may be done with a person's events (protocol, section 6). */
public enum Consent {
    GRANTED, PENDING, DENIED;

    // The names under which consent platforms file measurement, OneTrust's number for performance among them; the first
    // that is mentioned decides.
    private static final String[] MEASUREMENT = {
            "measurement", "analytics", "analytics_storage", "performance", "statistics", "c0002", "marketing", "advertising", "ad_storage"};
    // Whoever refuses this alone speaks of how ads are chosen, and not of being measured.
    private static final String HOW_ADS_ARE_CHOSEN = "ad_personalization";
    // Words as consent platforms write them, blanks and underscores as hyphens.
    private static final Set<String> GRANTED_WORDS = words(
            "granted grant accepted accept given agreed agree allowed allow consented opt-in optin "
            + "opted-in yes true on 1");
    private static final Set<String> DENIED_WORDS = words(
            "denied deny declined decline rejected reject refused refuse withdrawn withdraw revoked "
            + "revoke disagreed disagree disallowed disallow opt-out optout opted-out no false off 0");

    /** said is a word, a flag, a map of categories, or null; isSignalled stands for Global Privacy Control where there is one. */
    public static Consent state(Object said, boolean isSignalled, boolean isRequired, boolean hasOptedOut) {
        if (hasOptedOut || isSignalled) {
            return DENIED;
        }
        Consent spoken = says(said);
        return spoken != null ? spoken : isRequired ? PENDING : GRANTED;
    }

    /** GRANTED or DENIED, or null for what says nothing of measurement. */
    static Consent says(Object said) {
        return said instanceof Map ? ofCategories((Map<?, ?>) said) : ofWord(said);
    }

    private static Consent ofWord(Object said) {
        if (said instanceof Boolean) {
            return (Boolean) said ? GRANTED : DENIED;
        }
        if (said instanceof Number) {
            return ((Number) said).doubleValue() == 0 ? DENIED : GRANTED;
        }
        if (!(said instanceof String)) {
            return null;
        }
        String word = joined((String) said, '_', '-');
        return GRANTED_WORDS.contains(word) ? GRANTED : DENIED_WORDS.contains(word) ? DENIED : null;
    }

    private static Set<String> words(String text) {
        return new HashSet<>(Arrays.asList(text.split(" ")));
    }

    /** In small letters, blanks and what else stands between words as one mark. */
    private static String joined(String text, char between, char mark) {
        String blank = text.toLowerCase(Locale.ROOT).replace(between, ' ').replace('\u00a0', ' ');
        return blank.trim().replaceAll("\\s+", String.valueOf(mark));
    }

    private static Consent ofCategories(Map<?, ?> said) {
        Map<String, Consent> byName = new HashMap<>();
        for (Map.Entry<?, ?> one : said.entrySet()) {
            Consent state = ofWord(one.getValue());
            if (state != null) {
                byName.put(joined(Events.string(one.getKey()), '-', '_'), state);
            }
        }
        for (String name : MEASUREMENT) {
            if (byName.containsKey(name)) {
                return byName.get(name);
            }
        }
        byName.remove(HOW_ADS_ARE_CHOSEN);
        return byName.isEmpty() || byName.containsValue(GRANTED) ? null : DENIED;
    }
}
