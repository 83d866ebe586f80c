#if canImport(UIKit) && !os(watchOS)
import UIKit

extension Client {
    /// The client of an iOS app: what waits leaves when the app goes to the background.
    public static func start(writeKey: String, host: String) -> Client {
        start(options(writeKey: writeKey, host: host))
    }

    /// With options of your own, made by `options(writeKey:host:)`.
    public static func start(_ options: Options) -> Client {
        let client = Client(options)
        client.installed()
        NotificationCenter.default.addObserver(forName: UIApplication.didEnterBackgroundNotification, object: nil, queue: .main) { _ in
            var task = UIBackgroundTaskIdentifier.invalid
            let end = {
                UIApplication.shared.endBackgroundTask(task)
                task = .invalid
            }
            task = UIApplication.shared.beginBackgroundTask(expirationHandler: end)
            client.flush { _ in DispatchQueue.main.async(execute: end) }
        }
        return client
    }

    public static func options(writeKey: String, host: String) -> Options {
        let support = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)[0]
        var options = Options(writeKey: writeKey, host: host, folder: support.appendingPathComponent("tributary"))
        let device = UIDevice.current
        let isTablet = device.userInterfaceIdiom == .pad
        let info = Bundle.main.infoDictionary ?? [:]
        options.context = [
            "os": ["name": device.systemName, "version": device.systemVersion],
            "device": ["type": isTablet ? "tablet" : "mobile", "manufacturer": "Apple", "model": device.model],
            "app": [
                "namespace": Bundle.main.bundleIdentifier ?? "",
                "version": info["CFBundleShortVersionString"] as? String ?? "",
            ],
            "locale": Locale.current.identifier.replacingOccurrences(of: "_", with: "-"),
            "timezone": TimeZone.current.identifier,
        ]
        return options
    }
}
#endif
