// swift-tools-version: 6.0
// The iOS wallet. WalletModels is all that it does and builds on Linux too; WalletViews shows it, on Apple's platforms alone.
// The app itself, which Xcode builds, stands in App and project.yml.

import PackageDescription

let package = Package(
    name: "KistWallet",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "WalletModels", targets: ["WalletModels"]),
        .library(name: "WalletViews", targets: ["WalletViews"]),
    ],
    dependencies: [.package(path: "../../sdk-swift")],
    targets: [
        // Sentences holds copies that scripts/bindings makes of the other wallet's; OwnSentences what this one says besides.
        .target(
            name: "WalletModels", dependencies: [.product(name: "Kist", package: "sdk-swift")],
            resources: [.copy("Sentences"), .copy("OwnSentences")]),
        .target(name: "WalletViews", dependencies: ["WalletModels"]),
        // For the tests: Alice's phone, whose app is started and killed.
        .target(
            name: "WalletWorld", dependencies: ["WalletModels", .product(name: "KistWorld", package: "sdk-swift")],
            path: "Tests/WalletWorld"),
        .executableTarget(name: "wallet-killed", dependencies: ["WalletWorld"], path: "Tests/WalletKilled"),
        .testTarget(name: "WalletModelsTests", dependencies: ["WalletWorld", "wallet-killed"]),
    ]
)
