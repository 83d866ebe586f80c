package tributary.sdk;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a link that opened the app is about (protocol, section 9). */
public final class Opening {
    /** The id of the click, by the door or else by the address; empty where there is none. */
    public final String clickId;
    /**
     * The place in the app, such as shop://product/7: what the link of the door names, or the address itself when it is no such
     * link. Empty when the link names none or could not be asked.
     */
    public final String deepLink;
    /** Source, medium, name and so on, as far as the link or else the address has them. */
    public final Map<String, String> campaign;
    /** The address as a browser would land with it: with the link's campaign. */
    final String landed;
    /** The same with the id of the click, by which the door knows that both are one. */
    final String page;

    /** Called once, on the client's thread. */
    public interface Listener {
        void opened(Opening opening);
    }

    private Opening(String clickId, String deepLink, Map<String, String> campaign, String landed, String page) {
        this.clickId = clickId;
        this.deepLink = deepLink;
        this.campaign = campaign;
        this.landed = landed;
        this.page = page;
    }

    /** What the address alone says. */
    static Opening unasked(String url, boolean isLink) {
        Sources found = Sources.of(url);
        return new Opening(Events.string(found.captured.get("tbclid")), isLink ? "" : url, campaignOf(found), url, url);
    }

    /** What the link says; anything that is not the door's answer leaves the address alone to speak. */
    static Opening answered(String url, int status, String body) {
        Opening unasked = unasked(url, true);
        Map<?, ?> answer = Delivery.read(body);
        Object click = answer.get("clickId");
        Object place = answer.get("deepLink");
        if (status != 200 || !(click instanceof String) || !(place instanceof String)) {
            return unasked;
        }
        Map<String, String> said = FirstOpen.campaignOf(answer);
        String landed = unasked.campaign.isEmpty() ? withCampaign(url, said) : url;
        String id = (String) click;
        String page = id.isEmpty() ? landed : Links.with(Links.without(landed, "tbclid"), "tbclid", id);
        return new Opening(
                id.isEmpty() ? unasked.clickId : id, (String) place, said.isEmpty() ? unasked.campaign : said, landed, page);
    }

    private static String withCampaign(String url, Map<String, String> said) {
        String found = url;
        for (String name : new String[] {"source", "medium", "name"}) {
            if (said.containsKey(name)) {
                found = Links.with(found, name.equals("name") ? "utm_campaign" : "utm_" + name, said.get(name));
            }
        }
        return found;
    }

    private static Map<String, String> campaignOf(Sources found) {
        Map<String, String> campaign = new LinkedHashMap<>();
        for (Map.Entry<String, Object> one : found.campaign.entrySet()) {
            campaign.put(one.getKey(), Events.string(one.getValue()));
        }
        return campaign;
    }
}
