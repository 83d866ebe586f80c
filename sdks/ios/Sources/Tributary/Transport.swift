import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What came back; status 0 when nothing did.
public struct Answer {
    public let status: Int
    public let body: String
    public let retryAfter: String?

    public init(status: Int, body: String = "", retryAfter: String? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
    }
}

/// How a request reaches the door.
public protocol Transport {
    func send(url: String, headers: [String: String], body: String, then: @escaping (Answer) -> Void)

    /// GET; a person waits for the answer.
    func ask(url: String, headers: [String: String], then: @escaping (Answer) -> Void)
}

extension Transport {
    /// A transport that asks nothing: the address of a link alone speaks.
    public func ask(url: String, headers: [String: String], then: @escaping (Answer) -> Void) {
        then(Answer(status: 0))
    }
}

/// URLSession, which follows no redirect and keeps no cookie.
public final class HttpTransport: Transport {
    private static let patience: TimeInterval = 15
    private static let shortPatience: TimeInterval = 5
    private let session: URLSession

    public init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = HttpTransport.patience
        configuration.timeoutIntervalForResource = 4 * HttpTransport.patience // a door that drips is no door
        configuration.httpCookieAcceptPolicy = .never
        session = URLSession(configuration: configuration, delegate: StaysWhereItIs(), delegateQueue: nil)
    }

    public func send(url: String, headers: [String: String], body: String, then: @escaping (Answer) -> Void) {
        guard var request = HttpTransport.request(url, headers) else { return then(Answer(status: 0)) }
        request.httpMethod = "POST"
        request.httpBody = Data(body.utf8)
        exchange(request, then)
    }

    public func ask(url: String, headers: [String: String], then: @escaping (Answer) -> Void) {
        guard var request = HttpTransport.request(url, headers) else { return then(Answer(status: 0)) }
        request.timeoutInterval = HttpTransport.shortPatience
        exchange(request, then)
    }

    /// Nil for what is no address.
    private static func request(_ url: String, _ headers: [String: String]) -> URLRequest? {
        guard let address = URL(string: url) else { return nil }
        var request = URLRequest(url: address)
        headers.forEach { request.setValue($1, forHTTPHeaderField: $0) }
        return request
    }

    private func exchange(_ request: URLRequest, _ then: @escaping (Answer) -> Void) {
        session.dataTask(with: request) { data, response, error in
            guard error == nil, let answer = response as? HTTPURLResponse else { return then(Answer(status: 0)) }
            let text = String(decoding: data ?? Data(), as: UTF8.self)
            then(Answer(status: answer.statusCode, body: text, retryAfter: answer.value(forHTTPHeaderField: "Retry-After")))
        }.resume()
    }
}

/// Neither goes elsewhere nor gives a proxy the passwords of the device: such an answer is none.
private final class StaysWhereItIs: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _: URLSession, task _: URLSessionTask, willPerformHTTPRedirection _: HTTPURLResponse, newRequest _: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(
        _: URLSession, task _: URLSessionTask, didReceive challenge: URLAuthenticationChallenge,
        completionHandler: @escaping (URLSession.AuthChallengeDisposition, URLCredential?) -> Void
    ) {
        let isPassword = [NSURLAuthenticationMethodHTTPBasic, NSURLAuthenticationMethodHTTPDigest]
            .contains(challenge.protectionSpace.authenticationMethod)
        completionHandler(isPassword ? .cancelAuthenticationChallenge : .performDefaultHandling, nil)
    }
}
