package tributary.sdk;

import java.io.UnsupportedEncodingException;
import java.net.URLEncoder;
import java.util.Collection;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Addresses of links of the door, and what is asked there (protocol, section 9). */
final class Links {
    private static final Pattern ORIGIN = Pattern.compile("^https?://[^/?#]+", Pattern.CASE_INSENSITIVE);
    private static final Pattern PATH = Pattern.compile("^/(?:[^?#]*/)?l/[^/?#]+(?:[?#].*)?$", Pattern.DOTALL);

    private Links() {}

    /** Whether an address is that of a link at the door's host or at one of domains: the id of a device goes nowhere else. */
    static boolean isOne(String url, String host, Collection<String> domains) {
        String origin = originOf(url);
        if (origin.isEmpty() || !PATH.matcher(url.substring(origin.length())).matches()) {
            return false;
        }
        if (origin.equals(originOf(host))) {
            return true;
        }
        for (String domain : domains) {
            if (origin.equals("https://" + domain.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }

    /** The question of an app that the link at url has opened. */
    static Delivery.Request question(String url, String anonymousId) {
        String address = without(url, "aid").split("#", 2)[0];
        Delivery.Request request = new Delivery.Request("GET", with(address, "aid", anonymousId), "");
        request.headers.put("accept", "application/json"); // exactly: a browser that follows a link asks for more
        return request;
    }

    /** The address with a parameter, before its fragment. */
    static String with(String url, String name, String value) {
        String[] parts = url.split("#", 2);
        String mark = parts[0].indexOf('?') < 0 ? "?" : "&";
        return parts[0] + mark + name + "=" + escaped(value) + (parts.length < 2 ? "" : "#" + parts[1]);
    }

    /** The address without every parameter of that name. */
    static String without(String url, String name) {
        String[] parts = url.split("#", 2);
        int question = parts[0].indexOf('?');
        if (question < 0) {
            return url;
        }
        StringBuilder kept = new StringBuilder();
        for (String pair : parts[0].substring(question + 1).split("&")) {
            if (!pair.isEmpty() && !pair.split("=", 2)[0].equals(name)) {
                kept.append(kept.length() == 0 ? '?' : '&').append(pair);
            }
        }
        return parts[0].substring(0, question) + kept + (parts.length < 2 ? "" : "#" + parts[1]);
    }

    private static String originOf(String url) {
        Matcher found = ORIGIN.matcher(url);
        return found.find() ? found.group().toLowerCase(Locale.ROOT) : "";
    }

    private static String escaped(String value) {
        try {
            return URLEncoder.encode(value, "UTF-8").replace("+", "%20");
        } catch (UnsupportedEncodingException error) {
            throw new IllegalStateException(error); // every Java has UTF-8
        }
    }
}
