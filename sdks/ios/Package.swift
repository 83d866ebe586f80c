// swift-tools-version:5.7
import PackageDescription

let package = Package(
    name: "Tributary",
    platforms: [.iOS(.v14), .macOS(.v11), .tvOS(.v14)],
    products: [.library(name: "Tributary", targets: ["Tributary"])],
    targets: [
        .target(name: "Tributary"),
        .testTarget(name: "TributaryTests", dependencies: ["Tributary"]),
        // No product: who depends on the package does not build it.
        .executableTarget(name: "App", dependencies: ["Tributary"], path: "Tests/App"),
    ]
)
