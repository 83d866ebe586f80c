package tributary.sdk;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** That a link opened the app: when, and at which address. */
final class Opened {
    final String messageId;
    final long at;
    final String url;

    Opened(String messageId, long at, String url) {
        this.messageId = messageId;
        this.at = at;
        this.url = url;
    }

    String asText() {
        return messageId + " " + at + " " + url;
    }

    /** Null for what is none. */
    static Opened fromText(String text) {
        String[] parts = text == null ? new String[0] : text.split(" ", 3);
        try {
            return parts.length < 3 ? null : new Opened(parts[0], Long.parseLong(parts[1]), parts[2]);
        } catch (NumberFormatException error) {
            return null;
        }
    }

    /** The fields of the event, with what was learned of the link. */
    Map<String, Object> asFields(Opening found) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", "Deep Link Opened");
        fields.put("messageId", messageId);
        fields.put("properties", Collections.singletonMap("url", url));
        fields.put("context", Collections.singletonMap("page", Collections.singletonMap("url", found.page)));
        return fields;
    }
}
