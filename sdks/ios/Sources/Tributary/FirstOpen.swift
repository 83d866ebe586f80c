import Foundation

/// What the click before the first start of the app was about (protocol, section 8).
public struct FirstOpen: Equatable {
    /// The place in the app that the link leads to, such as `shop://product/7`; empty when it names none.
    public let deepLink: String
    /// Source, medium and name, as far as the link has them.
    public let campaign: [String: String]

    static func request(host: String, writeKey: String, clickId: String, anonymousId: String) -> Delivery.Request {
        let asked = ["clickId": clickId, "anonymousId": anonymousId]
        let body = (try? Json.write(asked)) ?? ""
        return Delivery.Request(
            url: Delivery.address(host, "first-open"), headers: Delivery.headers(writeKey), body: body)
    }

    /// Nil for every answer that hands nothing over.
    static func read(status: Int, body: String) -> FirstOpen? {
        guard status == 200, let answer = Json.read(body) as? [String: Any], let place = answer["deepLink"] as? String else { return nil }
        return FirstOpen(deepLink: place, campaign: campaign(of: answer))
    }

    /// The campaign of an answer without its empty members.
    static func campaign(of answer: [String: Any]) -> [String: String] {
        let campaign = answer["campaign"] as? [String: Any] ?? [:]
        return campaign.compactMapValues { $0 as? String }.filter { !$1.isEmpty }
    }
}
