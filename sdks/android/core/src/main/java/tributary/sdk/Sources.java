package tributary.sdk;

import java.io.UnsupportedEncodingException;
import java.net.URLDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an address says about where a visit comes from (protocol, section 5). */
public final class Sources {
    private static final String[] UTM = {"source", "medium", "campaign", "term", "content", "id"};
    private static final String CLICK_IDS =
            "gclid gbraid wbraid dclid gad_source msclkid yclid ymclid sznclid vmcid ttclid twclid li_fat_id epik sccid rdt_cid rb_clickid qclid ndclid ldtag_cl aleid cto_pld tblci dicbo outbrainclickid cjevent irclickid awc ransiteid admitad_uid sscid tduid clickref fbclid igshid igsh ysclid srsltid mc_eid mc_cid _kx _hsenc mkt_tok vero_id oly_enc_id bsft_clkid elqtrackid tbclid";
    private static final Pattern ESCAPED = Pattern.compile("(?:%[0-9a-fA-F]{2})+");
    private static final Set<String> WANTED = new LinkedHashSet<>();

    static {
        for (String name : UTM) {
            WANTED.add("utm_" + name);
        }
        WANTED.addAll(Arrays.asList(CLICK_IDS.split(" ")));
    }

    /** Parameters in the order of the table, and context.campaign. */
    public final Map<String, String> captured = new LinkedHashMap<>();
    public final Map<String, Object> campaign = new LinkedHashMap<>();
    /** What a session compares; empty when the address says nothing. */
    public final String source;

    private Sources(Map<String, String> found) {
        StringBuilder words = new StringBuilder();
        for (String name : WANTED) {
            String value = found.get(name);
            if (value == null) {
                continue;
            }
            captured.put(name, value);
            words.append(words.length() == 0 ? "" : "&").append(name).append('=').append(value);
            if (name.startsWith("utm_")) {
                String field = name.substring(4);
                campaign.put(field.equals("campaign") ? "name" : field, value);
            }
        }
        source = words.toString();
    }

    public static Sources of(String url) {
        int hash = url.indexOf('#');
        String address = hash < 0 ? url : url.substring(0, hash);
        String fragment = hash < 0 ? "" : url.substring(hash + 1);
        int question = address.indexOf('?');
        Map<String, String> found = pairs(question < 0 ? "" : address.substring(question + 1));
        return new Sources(found.isEmpty() ? pairs(fragment.substring(fragment.lastIndexOf('?') + 1)) : found);
    }

    /** The install referrer of Google Play as an address that the door reads like a landing page; empty for none. */
    public static String installAddress(String packageName, String referrer) {
        String query = referrer == null ? "" : referrer.trim();
        if (!query.contains("=") && query.toLowerCase(Locale.ROOT).contains("%3d")) {
            query = decode(query);
        }
        return query.isEmpty() ? "" : "android-app://" + packageName + "/?" + query;
    }

    private static Map<String, String> pairs(String query) {
        Map<String, String> found = new HashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            String name = (equals < 0 ? pair : pair.substring(0, equals)).toLowerCase(Locale.ROOT);
            String value = equals < 0 ? "" : decode(pair.substring(equals + 1)).trim();
            if (!value.isEmpty() && WANTED.contains(name) && !found.containsKey(name)) {
                found.put(name, value);
            }
        }
        return found;
    }

    /** What is no escape stays as it is. */
    private static String decode(String value) {
        Matcher escaped = ESCAPED.matcher(value.replace('+', ' '));
        StringBuffer out = new StringBuffer();
        while (escaped.find()) {
            escaped.appendReplacement(out, Matcher.quoteReplacement(decoded(escaped.group())));
        }
        return escaped.appendTail(out).toString().replace("\0", ""); // which the door refuses in any text
    }

    private static String decoded(String escapes) {
        try {
            return URLDecoder.decode(escapes, "UTF-8");
        } catch (UnsupportedEncodingException | IllegalArgumentException error) {
            return escapes;
        }
    }
}
