package tributary.sdk;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the click before the first start of the app was about (protocol, section 8). */
public final class FirstOpen {
    /** The place in the app that the link leads to, such as shop://product/7; empty when it names none. */
    public final String deepLink;
    /** Source, medium and name, as far as the link has them. */
    public final Map<String, String> campaign;

    /** Called once, on the client's thread. */
    public interface Listener {
        void found(FirstOpen opening);
    }

    private FirstOpen(String deepLink, Map<String, String> campaign) {
        this.deepLink = deepLink;
        this.campaign = campaign;
    }

    static Delivery.Request request(String host, String writeKey, String clickId, String anonymousId) {
        Map<String, Object> asked = new LinkedHashMap<>();
        asked.put("clickId", clickId);
        asked.put("anonymousId", anonymousId);
        try {
            return Delivery.request(host, "first-open", writeKey, Json.write(asked));
        } catch (Json.Malformed error) {
            throw new IllegalStateException(error); // two strings are always JSON
        }
    }

    /** Null for every answer that hands nothing over. */
    static FirstOpen read(int status, String body) {
        Map<?, ?> answer = Delivery.read(body);
        if (status != 200 || !(answer.get("deepLink") instanceof String)) {
            return null;
        }
        return new FirstOpen((String) answer.get("deepLink"), campaignOf(answer));
    }

    /** The campaign of an answer without its empty members. */
    static Map<String, String> campaignOf(Map<?, ?> answer) {
        Map<String, String> campaign = new LinkedHashMap<>();
        Object said = answer.get("campaign");
        for (Map.Entry<?, ?> one : (said instanceof Map ? (Map<?, ?>) said : new LinkedHashMap<>()).entrySet()) {
            if (one.getValue() instanceof String && !((String) one.getValue()).isEmpty()) {
                campaign.put(Events.string(one.getKey()), (String) one.getValue());
            }
        }
        return campaign;
    }
}
