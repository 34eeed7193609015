// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

/// What the dependencies depend on: named here, so that each has the version that this file says, and built for no platform of
/// ours, so that nothing is built for it that is not built anyway.
let elsewhere = TargetDependencyCondition.when(platforms: [.wasi])
let pinned: [Target.Dependency] = [
    .product(name: "Algorithms", package: "swift-algorithms", condition: elsewhere),
    .product(name: "AsyncAlgorithms", package: "swift-async-algorithms", condition: elsewhere),
    .product(name: "Atomics", package: "swift-atomics", condition: elsewhere),
    .product(name: "DequeModule", package: "swift-collections", condition: elsewhere),
    .product(name: "Configuration", package: "swift-configuration", condition: elsewhere),
    .product(name: "Tracing", package: "swift-distributed-tracing", condition: elsewhere),
    .product(name: "StructuredFieldValues", package: "swift-http-structured-headers", condition: elsewhere),
    .product(name: "HTTPTypes", package: "swift-http-types", condition: elsewhere),
    .product(name: "Logging", package: "swift-log", condition: elsewhere),
    .product(name: "NIOExtras", package: "swift-nio-extras", condition: elsewhere),
    .product(name: "NIOHTTP2", package: "swift-nio-http2", condition: elsewhere),
    .product(name: "NIOTransportServices", package: "swift-nio-transport-services", condition: elsewhere),
    .product(name: "RealModule", package: "swift-numerics", condition: elsewhere),
    .product(name: "ServiceContextModule", package: "swift-service-context", condition: elsewhere),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: elsewhere),
]

/// `make release` says which, from the tag in Git.
let version = Context.environment["PROMOTE_VERSION"] ?? "0.1.0-dev"

/// Where the points between two steps are compiled that a test may have the process killed at: no program that is shipped has
/// them, unless it is asked for.
let faultPoints =
    settings + [
        Context.environment["PROMOTE_FAULT_POINTS"] == nil
            ? .define("FAULT_POINTS", .when(configuration: .debug)) : .define("FAULT_POINTS"),
        // Names of cases are found by reflection, which is of use to tests alone.
        .unsafeFlags(["-Xfrontend", "-disable-reflection-metadata"], .when(configuration: .release)),
    ]

/// A library of the module graph in ARCHITECTURE.md, with exactly the modules it may import.
func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
    name: "promote",
    products: [
        .executable(name: "promote", targets: ["promote"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        // What these depend on.
        .package(url: "https://github.com/apple/swift-algorithms.git", exact: "1.2.1"),
        .package(url: "https://github.com/apple/swift-async-algorithms.git", exact: "1.1.4"),
        .package(url: "https://github.com/apple/swift-atomics.git", exact: "1.3.0"),
        .package(url: "https://github.com/apple/swift-collections.git", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-structured-headers.git", exact: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-transport-services.git", exact: "1.28.0"),
        .package(url: "https://github.com/apple/swift-numerics.git", exact: "1.1.1"),
        .package(url: "https://github.com/apple/swift-service-context.git", exact: "1.5.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CProcess"),
        .target(name: "CVersion", cSettings: [.define("PROMOTE_VERSION", to: "\"\(version)\"")]),
        .target(name: "FaultInjection", swiftSettings: faultPoints),
        library("GitOpsTypes"),
        library("YAMLEditing", ["CLibYAML"]),
        library("Kustomize", ["CLibYAML", "GitOpsTypes", "YAMLEditing", crypto]),
        library("SSHSignatures", ["GitOpsTypes", crypto, cryptoExtras]),
        library("Secrets", ["GitOpsTypes"]),
        library("GitStore", ["CLibgit2", "FaultInjection", "GitOpsTypes", "Secrets", subprocess, systemPackage]),
        library(
            "PromotionDomain",
            ["GitOpsTypes", "ImageRegistry", "ImageSelection", "SSHSignatures", crypto]),
        library(
            "PromotionConfiguration",
            [
                "GitOpsTypes", "ImageRegistry", "ImageSelection", "PromotionDomain", "SSHSignatures",
                "Sigstore", "YAMLEditing",
            ]),
        library("ManifestRendering", ["GitOpsTypes", "Kustomize", "PromotionDomain", "YAMLEditing"]),
        library(
            "PromotionPlanning", ["GitOpsTypes", "Kustomize", "ManifestRendering", "PromotionDomain", "YAMLEditing", crypto]),
        library(
            "RepositorySurvey",
            [
                "GitOpsTypes", "ImageSelection", "Kustomize", "ManifestRendering", "PromotionDomain", "PromotionPlanning",
                "SSHSignatures", "YAMLEditing",
            ]),
        library("PromotionLedger", ["GitOpsTypes", "GitStore", "PromotionDomain", "SSHSignatures", crypto]),
        library("PromotionProjection", ["FaultInjection", "GitOpsTypes", "PromotionLedger", "PromotionDomain", grdb]),
        library(
            "PromotionEngine",
            [
                "FaultInjection", "GitOpsTypes", "GitStore", "ImageProvenance", "ImageRegistry", "ImageSelection", "Kustomize",
                "ManifestRendering", "PromotionConfiguration", "PromotionDomain", "PromotionForge", "PromotionLedger",
                "PromotionPlanning",
                "PromotionProjection", "RepositorySurvey", "SSHSignatures",
            ]),
        library(
            "PromoteReports",
            [
                "GitOpsTypes", "GitStore", "ImageRegistry", "Kustomize", "ManifestRendering", "PromotionConfiguration",
                "PromotionDomain",
                "PromotionEngine", "PromotionForge", "PromotionLedger", "PromotionPlanning", "PromotionProjection",
                "RepositorySurvey", "SSHSignatures", "Secrets",
            ]),
        library("ImageRegistry", ["GitOpsTypes"]),
        library("ImageSelection", ["GitOpsTypes"]),
        library("Sigstore", ["GitOpsTypes", crypto, cryptoExtras, swiftASN1, x509]),
        library("ImageProvenance", ["GitOpsTypes", "ImageRegistry", "PromotionDomain", "Sigstore", crypto]),
        library("OCIRegistry", ["GitOpsTypes", "HTTPExchange", "ImageRegistry", "Secrets", crypto]),
        library("HTTPExchange", ["GitOpsTypes"]),
        library("HTTPClientTransport", ["GitOpsTypes", "HTTPExchange", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL]),
        library("PromotionForge", ["GitOpsTypes"]),
        library("ForgeAPI", ["GitOpsTypes", "HTTPExchange", "PromotionForge", "Secrets", cryptoExtras]),
        .target(
            name: "PromoteComposition",
            dependencies: [
                "CProcess", "ForgeAPI", "HTTPClientTransport", "HTTPExchange", "ImageRegistry", "OCIRegistry", "PromotionForge",
                "FaultInjection", "GitOpsTypes", "GitStore", "Kustomize", "ManifestRendering", "PromotionEngine",
                "PromotionDomain",
                "PromotionLedger",
                "PromotionProjection", "RepositorySurvey", "SSHSignatures", "Secrets", systemPackage,
            ], swiftSettings: faultPoints),
        library(
            "PromoteCLI",
            [
                "CVersion", "FaultInjection", "GitOpsTypes", "Kustomize", "PromoteComposition", "PromoteReports",
                "PromotionConfiguration", "PromotionDomain", "PromotionEngine", "PromotionForge", "PromotionLedger",
                "PromotionProjection", "Secrets",
                argumentParser, systemPackage,
            ]),
        .executableTarget(name: "promote", dependencies: ["PromoteCLI"] + pinned, swiftSettings: settings),
        .target(
            name: "FuzzExercises",
            dependencies: ["GitOpsTypes", "Kustomize", "PromotionDomain", "PromotionPlanning", "YAMLEditing"],
            path: "Fuzz/Exercises", swiftSettings: settings),
        .target(
            name: "PromotionSimulation",
            dependencies: [
                "FaultInjection", "GitOpsTypes", "GitStore", "ImageRegistry", "PromoteTestSupport", "PromotionEngine",
                "PromotionDomain", "PromotionLedger", "PromotionProjection", crypto,
            ], path: "Simulation/World", swiftSettings: settings),
        .executableTarget(
            name: "simulate", dependencies: ["PromotionSimulation", argumentParser], path: "Simulation/Program",
            swiftSettings: settings),
        .target(
            name: "ForgeServer", dependencies: ["PromoteTestSupport", nioCore, nioHTTP1, nioPosix, nioSSL],
            path: "Tests/ForgeServer", exclude: ["Contracts"], swiftSettings: settings),
        .executableTarget(
            name: "forge-server", dependencies: ["ForgeServer", argumentParser], path: "Tests/ForgeServerProgram",
            swiftSettings: settings),
        .target(
            name: "SigstoreInstance", dependencies: [crypto, swiftASN1, x509], path: "Tests/SigstoreInstance",
            swiftSettings: settings),
        .systemLibrary(name: "CSpawn", path: "Tests/CSpawn"),
        .target(
            name: "PromoteTestSupport", dependencies: ["CSpawn"], path: "Tests/PromoteTestSupport", exclude: ["gitconfig"],
            swiftSettings: settings),
        tests("FuzzCorpusTests", ["FuzzExercises"]),
        tests(
            "ForgeAPITests",
            ["ForgeAPI", "GitOpsTypes", "HTTPClientTransport", "HTTPExchange", "PromoteTestSupport", "PromotionForge", "Secrets"]),
        tests("YAMLEditingTests", ["PromoteTestSupport", "YAMLEditing"]),
        tests("KustomizeTests", ["GitOpsTypes", "Kustomize", "PromoteTestSupport"], exclude: ["Cases", "Expected"]),
        tests(
            "PromotionPlanningTests",
            ["GitOpsTypes", "Kustomize", "PromoteTestSupport", "PromotionDomain", "PromotionPlanning", "YAMLEditing"]),
        tests(
            "RepositorySurveyTests",
            [
                "GitOpsTypes", "ImageSelection", "Kustomize", "ManifestRendering", "PromoteTestSupport", "PromotionConfiguration",
                "PromotionDomain", "RepositorySurvey", "SSHSignatures", "YAMLEditing",
            ]),
        tests("ManifestRenderingTests", ["GitOpsTypes", "Kustomize", "ManifestRendering", "PromotionDomain"]),
        tests("GitStoreTests", ["GitOpsTypes", "GitStore", "PromoteTestSupport"]),
        tests("PromotionDomainTests", ["GitOpsTypes", "PromoteTestSupport", "PromotionDomain", "SSHSignatures"]),
        tests("SigstoreTests", ["GitOpsTypes", "PromoteTestSupport", "Sigstore", "SigstoreInstance", crypto, swiftASN1, x509]),
        tests("OCIRegistryTests", ["GitOpsTypes", "HTTPExchange", "ImageRegistry", "OCIRegistry", "Secrets"]),
        tests("SecretsTests", ["GitOpsTypes", "Secrets"]),
        tests("ImageSelectionTests", ["GitOpsTypes", "ImageSelection", "PromoteTestSupport"]),
        tests("PromotionLedgerTests", ["GitOpsTypes", "PromoteTestSupport", "PromotionLedger", "PromotionDomain"]),
        tests("GitOpsTypesTests", ["GitOpsTypes", "PromoteTestSupport"]),
        tests("SSHSignaturesTests", ["GitOpsTypes", "PromoteTestSupport", "SSHSignatures", crypto]),
        tests(
            "PromotionConfigurationTests",
            ["GitOpsTypes", "PromoteTestSupport", "PromotionConfiguration", "PromotionDomain", "YAMLEditing"]),
        tests(
            "PromoteReportsTests",
            [
                "GitOpsTypes", "GitStore", "ImageRegistry", "Kustomize", "PromoteReports", "PromoteTestSupport",
                "PromotionConfiguration", "PromotionDomain", "PromotionEngine", "PromotionForge", "PromotionLedger",
                "PromotionPlanning", "PromotionProjection", "RepositorySurvey",
            ], exclude: ["Goldens"]),
        tests("PromotionSimulationTests", ["PromotionSimulation"]),
        tests(
            "PromoteEndToEndTests",
            [
                "FaultInjection", "ForgeServer", "PromoteTestSupport", "PromotionConfiguration", "SigstoreInstance",
                "YAMLEditing",
                "promote",
            ],
            exclude: ["Support"]),
    ]
)

// `make fuzz`: everything is built to tell libFuzzer which paths an input takes, which is no build to ship or to test.
if Context.environment["PROMOTE_FUZZ"] != nil {
    for target in package.targets where target.type == .regular {
        target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"]))
    }
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzExercises"], path: "Fuzz/Driver",
            swiftSettings: settings + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]))
}
