import Foundation

/// What a link that opened the app is about (protocol, section 9).
public struct Opening: Equatable {
    /// The id of the click, by the door or else by the address; empty where there is none.
    public let clickId: String
    /// The place in the app, such as `shop://product/7`: what the link of the door names, or the address itself when it is no
    /// such link. Empty when the link names none or could not be asked.
    public let deepLink: String
    /// Source, medium, name and so on, as far as the link or else the address has them.
    public let campaign: [String: String]
    /// The address as a browser would land with it: with the link's campaign.
    let landed: String
    /// The same with the id of the click, by which the door knows that both are one.
    let page: String

    /// What the address alone says.
    static func unasked(_ url: String, isLink: Bool) -> Opening {
        let found = Sources(url)
        return Opening(
            clickId: found.captured["tbclid"] ?? "", deepLink: isLink ? "" : url, campaign: found.campaign, landed: url, page: url)
    }

    /// What the link says; anything that is not the door's answer leaves the address alone to speak.
    static func answered(_ url: String, status: Int, body: String) -> Opening {
        let unasked = Opening.unasked(url, isLink: true)
        guard status == 200, let answer = Json.read(body) as? [String: Any],
            let click = answer["clickId"] as? String, let place = answer["deepLink"] as? String
        else { return unasked }
        let said = FirstOpen.campaign(of: answer)
        let landed = unasked.campaign.isEmpty ? withCampaign(url, said) : url
        return Opening(
            clickId: click.isEmpty ? unasked.clickId : click,
            deepLink: place,
            campaign: said.isEmpty ? unasked.campaign : said,
            landed: landed,
            page: click.isEmpty ? landed : Links.with(Links.without(landed, "tbclid"), "tbclid", click)
        )
    }

    private static func withCampaign(_ url: String, _ said: [String: String]) -> String {
        ["source", "medium", "name"].reduce(url) { found, name in
            guard let value = said[name] else { return found }
            return Links.with(found, name == "name" ? "utm_campaign" : "utm_\(name)", value)
        }
    }
}

/// That a link opened the app: when, and at which address.
struct Opened: Codable, Equatable {
    let messageId: String
    let at: Int64
    let url: String

    init(messageId: String, at: Int64, url: String) {
        (self.messageId, self.at, self.url) = (messageId, at, url)
    }

    /// Nil for what is none.
    init?(text: String?) {
        guard let text = text, let found = try? JSONDecoder().decode(Opened.self, from: Data(text.utf8)) else { return nil }
        self = found
    }

    func text() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }

    /// The fields of the event, with what was learned of the link.
    func fields(_ found: Opening) -> [String: Any?] {
        ["event": "Deep Link Opened", "messageId": messageId, "properties": ["url": url], "context": ["page": ["url": found.page]]]
    }
}
