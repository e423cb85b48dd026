// swift-tools-version: 6.0
// The Swift SDK: KistFFI and KistGenerated are what scripts/bindings writes, Kist is the hand-written layer over them.
//
// On Linux the library of core/ffi is found by linker flags that scripts/test gives; on Apple's platforms it comes as
// the xcframework that scripts/package makes.

import PackageDescription

#if os(Linux)
let ffi = Target.systemLibrary(name: "KistFFI", path: "Sources/KistFFI")
#else
let ffi = Target.binaryTarget(name: "KistFFI", path: "KistFFI.xcframework")
#endif

let package = Package(
    name: "Kist",
    platforms: [.iOS(.v16), .macOS(.v13)],
    products: [
        .library(name: "Kist", targets: ["Kist"]),
        // For tests of apps: the relay's real program, a framework, an organisation and a person.
        .library(name: "KistWorld", targets: ["KistWorld"]),
    ],
    targets: [
        ffi,
        // UniFFI's code for asynchronous callbacks isn't written for Swift 6's checks of concurrency.
        .target(name: "KistGenerated", dependencies: ["KistFFI"], swiftSettings: [.swiftLanguageMode(.v5)]),
        // Catalogues holds copies that scripts/bindings makes.
        .target(name: "Kist", dependencies: ["KistGenerated"], resources: [.copy("Catalogues")]),
        .target(name: "KistWorld", dependencies: ["Kist"], path: "Tests/KistWorld"),
        .testTarget(name: "KistTests", dependencies: ["Kist", "KistWorld"]),
    ]
)
