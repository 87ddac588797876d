// swift-tools-version: 6.2
import PackageDescription

// The order of the modules is the order in which work flows (Docs/Architecture.md). CI builds with
// `--explicit-target-dependency-import-check error`, so an import that is not declared here does not compile.

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// For the modules that wrap C: every unsafe expression is marked as such.
let strictMemory: [SwiftSetting] = strict + [.strictMemorySafety()]

let checks = [
  "binary-file", "case-collision", "conflict-marker", "debug-leftover", "deleted-test", "file-mode", "hidden-unicode",
  "large-file", "lock-file", "protected-path", "secret", "skipped-test",
]

let package = Package(
  name: "arborist",
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1")
  ],
  targets: [
    // What everyone may import.
    .target(name: "Base", swiftSettings: strict),
    .target(name: "Work", dependencies: ["Base"], swiftSettings: strict),

    // What imports nothing else of ours.
    .systemLibrary(
      name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
    .target(name: "CLibgit2Shims", dependencies: ["CLibgit2"]),
    .target(name: "Merging", swiftSettings: strict),
    .target(
      name: "Templates",
      dependencies: [.product(name: "Mustache", package: "swift-mustache")],
      path: "Templates",
      resources: [
        .embedInCode("Comments/conflicts.mustache"), .embedInCode("Comments/finding.mustache"),
        .embedInCode("Comments/reported.mustache"), .embedInCode("Comments/resolved.mustache"),
        .embedInCode("Comments/review-summary.mustache"), .embedInCode("Commits/resolve.mustache"),
      ],
      swiftSettings: strict),
    .target(name: "Forges", dependencies: ["Base", "Work"], swiftSettings: strict),
    .target(name: "Resolve", dependencies: ["Base", "Work", "Merging"], swiftSettings: strict),
    .target(name: "TestSupport", dependencies: ["Base", "Work"], path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(name: "BaseTests", dependencies: ["Base", "TestSupport"], swiftSettings: strict),
    .testTarget(name: "WorkTests", dependencies: ["Base", "Work"], swiftSettings: strict),
    .testTarget(name: "MergingTests", dependencies: ["Merging", "TestSupport"], swiftSettings: strict),
  ]
)
