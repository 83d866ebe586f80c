// swift-tools-version:5.7
import PackageDescription

let package = Package(
    name: "Tributary",
    platforms: [.iOS(.v13), .macOS(.v11), .tvOS(.v13)],
    products: [.library(name: "Tributary", targets: ["Tributary"])],
    targets: [
        .target(name: "Tributary"),
        .testTarget(name: "TributaryTests", dependencies: ["Tributary"]),
    ]
)
