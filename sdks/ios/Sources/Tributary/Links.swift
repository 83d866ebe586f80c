import Foundation

/// Addresses of links of the door, and what is asked there (protocol, section 9).
enum Links {
    private static let unreserved = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*")

    /// Whether an address is that of a link at the door's host or at one of `domains`: the id of a device goes nowhere else.
    static func isOne(_ url: String, host: String, domains: [String]) -> Bool {
        guard let (origin, path) = parts(url) else { return false }
        let steps = path.components(separatedBy: "/")
        guard steps.count >= 3, steps[steps.count - 2] == "l", !steps[steps.count - 1].isEmpty else { return false }
        return origin == parts(host)?.origin || domains.contains { origin == "https://\($0.lowercased())" }
    }

    /// The address of the question of an app that the link at `url` has opened.
    static func question(_ url: String, anonymousId: String) -> String {
        let address = without(url, "aid").components(separatedBy: "#")[0]
        return with(address, "aid", anonymousId)
    }

    /// Exactly so: a browser that follows a link asks for more.
    static let headers = ["accept": "application/json"]

    /// The address with a parameter, before its fragment.
    static func with(_ url: String, _ name: String, _ value: String) -> String {
        let (address, fragment) = cut(url)
        let escaped = value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
        return "\(address)\(address.contains("?") ? "&" : "?")\(name)=\(escaped)\(fragment)"
    }

    /// The address without every parameter of that name.
    static func without(_ url: String, _ name: String) -> String {
        let (address, fragment) = cut(url)
        guard let question = address.firstIndex(of: "?") else { return url }
        let pairs = address[address.index(after: question)...].components(separatedBy: "&")
        let kept = pairs.filter { !$0.isEmpty && $0.components(separatedBy: "=")[0] != name }
        return "\(address[..<question])\(kept.isEmpty ? "" : "?")\(kept.joined(separator: "&"))\(fragment)"
    }

    private static func cut(_ url: String) -> (address: String, fragment: String) {
        guard let hash = url.firstIndex(of: "#") else { return (url, "") }
        return (String(url[..<hash]), String(url[hash...]))
    }

    /// The scheme and host in small letters, and the path; nil for what is no address of the web.
    private static func parts(_ url: String) -> (origin: String, path: String)? {
        let address = String(url.prefix { $0 != "?" && $0 != "#" })
        guard let scheme = address.range(of: "://"), ["http", "https"].contains(address[..<scheme.lowerBound].lowercased()) else { return nil }
        let rest = address[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        guard !host.isEmpty else { return nil }
        return ("\(address[..<scheme.upperBound])\(host)".lowercased(), String(rest.dropFirst(host.count)))
    }
}
