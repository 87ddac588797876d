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
  targets: [
    .target(name: "Base", swiftSettings: strict),
    .target(name: "Work", dependencies: ["Base"], swiftSettings: strict),
    .target(name: "Merging", swiftSettings: strict),
    .testTarget(name: "WorkTests", dependencies: ["Base", "Work"], swiftSettings: strict),
  ]
)
