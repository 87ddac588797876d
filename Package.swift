// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "arborist",
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1")
  ],
  targets: [
    .target(name: "Base", swiftSettings: strict),
    .target(name: "Work", dependencies: ["Base"], swiftSettings: strict),
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
