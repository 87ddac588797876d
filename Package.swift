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

/// The tools of all profiles; each has a description and a schema.
let tools = [
  "apply-patch-function", "bash", "bash-anthropic", "bash-deepseek", "edit", "exec-command", "glob", "grep-search",
  "list-directory", "plan", "read", "read-file", "replace", "run-shell-command", "str-replace-editor",
  "text-editor-anthropic", "todo-write", "update-plan", "write", "write-file", "write-stdin", "write-todos",
]

/// What is told of the tools of each family before they are used.
let advice = ["anthropic", "deepseek", "gemini", "generic", "openai"].map { "advice-\($0)" }

let prompts = [
  "budget", "ending", "history", "identity", "identity-deepseek", "instructions", "network", "no-history", "no-network",
  "parallel", "plan", "programs", "skills", "task", "tools", "untrusted", "working",
  "workspace",
]
let notices = [
  "closing", "cut-call", "cut-short", "empty-answer", "no-progress", "paused", "pruned", "repeat-nudge",
  "repeat-refused", "reset", "resumed", "resumed-partly", "state-unknown", "summary", "summary-request",
]

/// What the server shows, and what its pages load.
let pages = [
  "icon.svg", "login-page.mustache", "message-page.mustache", "page-foot.mustache", "page-head.mustache",
  "page-steps.mustache", "page.css", "page.js", "run-page.mustache", "runs-page.mustache", "server-example.yml",
]
/// What is said on a forge's pull request.
let forgeComments =
  [
    "check", "check-reason", "failed", "finding", "fix", "part-cut", "part-edited", "patch-why", "resolve", "review",
    "stopped", "suggestion",
  ].map { "forge-\($0)" }
  + [
    "answer", "help", "no-question", "nothing-to-stop", "nothing-to-undo", "refused", "standing", "started", "stopped",
    "unasked", "unavailable", "undone", "unknown",
  ].map { "reply-\($0)" }

/// Whether the merge is built for the fuzzer (scripts/fuzz): with the branches counted that an input takes.
let fuzzes = Context.environment["ARBORIST_FUZZ"] != nil
let counted: [SwiftSetting] = fuzzes ? [.unsafeFlags(["-sanitize=fuzzer"])] : []
let fuzzers: [Target] =
  fuzzes
  ? [
    .executableTarget(
      name: "MergeFuzz", dependencies: ["MergeProperties", "Merging"], path: "Fuzz/MergeFuzz",
      swiftSettings: strict + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
    .executableTarget(
      name: "DeliveryFuzz", dependencies: ["DeliveryTrials", "Forges", "Work"], path: "Fuzz/DeliveryFuzz/Fuzzer",
      swiftSettings: strict + [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
  ] : []

/// Programs that measure; only `make bench` builds them.
let benchmarks: [Target] =
  Context.environment["ARBORIST_BENCHMARKS"] == nil
  ? []
  : [
    .target(name: "BenchSupport", path: "Benchmarks/BenchSupport", swiftSettings: strict),
    .executableTarget(
      name: "AgentSteps", dependencies: ["BenchSupport", "JSON"], path: "Benchmarks/AgentSteps",
      exclude: ["bare.py"], swiftSettings: strict),
    .executableTarget(
      name: "CellTimes", dependencies: ["BenchSupport", "Sandbox"], path: "Benchmarks/CellTimes",
      swiftSettings: strict),
    .executableTarget(
      name: "Culprits", dependencies: ["Base", "Fix", "Git", "TestResults", "Verify"], path: "Benchmarks/Culprits",
      exclude: ["branches.py", "run"], swiftSettings: strict),
    .executableTarget(
      name: "Deliveries",
      dependencies: [
        "Base", "BenchSupport", "Journal", "JournalPostgres", "JournalSQLite", "Server", "Settings", "Work",
        .product(name: "Crypto", package: "swift-crypto"), .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Benchmarks/Deliveries", swiftSettings: strict),
    .executableTarget(
      name: "JournalTimes",
      dependencies: ["Base", "BenchSupport", "Journal", "JournalPostgres", "JournalSQLite", "Work"],
      path: "Benchmarks/JournalTimes", exclude: ["run"], swiftSettings: strict),
    .executableTarget(
      name: "KeptFiles", dependencies: ["Agent", "BenchSupport", "Sandbox"], path: "Benchmarks/KeptFiles",
      swiftSettings: strict),
    .executableTarget(
      name: "MemoryHalves", dependencies: ["Base", "Evaluation", "Git", "Learning", "Merging", "Work"],
      path: "Benchmarks/MemoryHalves", swiftSettings: strict),
    .executableTarget(
      name: "MergeFiles", dependencies: ["BenchSupport", "Merging"], path: "Benchmarks/MergeFiles",
      swiftSettings: strict),
    .executableTarget(
      name: "MergeRows", dependencies: ["Merging"], path: "Benchmarks/MergeRows", exclude: ["run"],
      swiftSettings: strict),
    .executableTarget(
      name: "Push", dependencies: ["BenchSupport", "Spool", "Work"], path: "Benchmarks/Push", swiftSettings: strict),
    .executableTarget(
      name: "ReviewSizes", dependencies: ["Base", "BenchSupport", "Git", "Pipeline", "Policy", "Review", "Work"],
      path: "Benchmarks/ReviewSizes", swiftSettings: strict),
    .executableTarget(
      name: "Startup", dependencies: ["BenchSupport", "Work"], path: "Benchmarks/Startup", swiftSettings: strict),
    .executableTarget(
      name: "TestRuns", dependencies: ["Base", "BenchSupport", "Git", "TestResults", "Verify", "Workspace"],
      path: "Benchmarks/TestRuns", swiftSettings: strict),
    .executableTarget(
      name: "TreeMerge", dependencies: ["Base", "BenchSupport", "Git", "Resolve", "Work"],
      path: "Benchmarks/TreeMerge", swiftSettings: strict),
  ]

let modules: [Target] = [
  // What everyone may import.
  .target(name: "Base", swiftSettings: strict),
  .target(name: "Work", dependencies: ["Base"], swiftSettings: strict),

  .target(name: "JSON", dependencies: ["Base"], swiftSettings: strict + counted),
  .target(name: "ByteText", swiftSettings: strict),
  .target(name: "Secrets", dependencies: ["ByteText"], swiftSettings: strict),

  // What imports nothing else of ours.
  .systemLibrary(
    name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  .target(name: "CLibcurlShims", dependencies: ["CLibcurl"]),
  .systemLibrary(
    name: "CLibgit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
  .systemLibrary(
    name: "CLibexpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
  .target(name: "CLibgit2Shims", dependencies: ["CLibgit2"], linkerSettings: [.linkedLibrary("z")]),
  .target(name: "Merging", swiftSettings: strict + counted),
  .target(name: "Evaluation", dependencies: ["Base", "Merging"], swiftSettings: strict),
  .target(name: "FileSystem", dependencies: ["Base"], swiftSettings: strict),
  .target(
    name: "Templates",
    dependencies: [.product(name: "Mustache", package: "swift-mustache")],
    path: "Templates",
    resources: [
      .embedInCode("Comments/conflicts.mustache"), .embedInCode("Comments/failed.mustache"),
      .embedInCode("Comments/finding.mustache"),
      .embedInCode("Comments/reported.mustache"), .embedInCode("Comments/resolved.mustache"),
      .embedInCode("Comments/broken.mustache"), .embedInCode("Comments/fix.mustache"),
      .embedInCode("Commits/partial-revert.mustache"), .embedInCode("Commits/repair.mustache"),
      .embedInCode("Commits/undo.mustache"), .embedInCode("Tasks/repair-tests.mustache"),
      .embedInCode("Comments/review-summary.mustache"), .embedInCode("Commits/resolve.mustache"),
      .embedInCode("Merges/brief.mustache"), .embedInCode("Merges/commits.mustache"),
      .embedInCode("Reviews/ask-question.mustache"), .embedInCode("Reviews/ask-system.mustache"),
      .embedInCode("Reviews/review-answer.json"), .embedInCode("Reviews/review-brief.mustache"),
      .embedInCode("Reviews/review-system.mustache"),
      .embedInCode("Tools/apply-patch.lark"),
      .embedInCode("Tools/apply-patch.md"),
    ] + checks.map { .embedInCode("Checks/\($0).md") }
      + forgeComments.map { .embedInCode("Comments/\($0).mustache") }
      + tools.flatMap { [.embedInCode("Tools/\($0).json"), .embedInCode("Tools/\($0).md")] }
      + advice.map { .embedInCode("Tools/\($0).md") }
      + prompts.map { .embedInCode("Prompts/\($0).mustache") }
      + notices.map { .embedInCode("Notices/\($0).mustache") }
      + pages.map { .embedInCode("Pages/\($0)") },
    swiftSettings: strict),
  .target(
    name: "Git", dependencies: ["Base", "CLibgit2", "CLibgit2Shims", "FileSystem", "Work"], swiftSettings: strictMemory
  ),
  .target(name: "HTTP", dependencies: ["Base", "CLibcurl", "CLibcurlShims"], swiftSettings: strictMemory),
  .target(name: "CEgressShims"),
  .target(name: "Egress", dependencies: ["Base", "CEgressShims"], swiftSettings: strict),
  .target(name: "Sandbox", dependencies: ["Base", "FileSystem"], swiftSettings: strict),
  // In C alone: it is forked for each cell, so what it loads is paid for again and again.
  .executableTarget(
    name: "arborist-cell", linkerSettings: [.unsafeFlags(["-nostartfiles", "-Xlinker", "--as-needed"])]),
  .target(
    name: "Signing", dependencies: [.product(name: "Crypto", package: "swift-crypto")], swiftSettings: strict),
  .target(name: "Memory", dependencies: ["Base", "FileSystem", "Merging", "Work"], swiftSettings: strict),
  .target(name: "Spool", dependencies: ["Base", "FileSystem", "Work"], swiftSettings: strict),
  .target(
    name: "Journal", dependencies: ["Base", "Work", .product(name: "Crypto", package: "swift-crypto")],
    swiftSettings: strict),
  .target(
    name: "JournalSQLite", dependencies: ["Base", "Journal", "Work", .product(name: "GRDB", package: "GRDB.swift")],
    swiftSettings: strict),
  .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
  .target(
    name: "JournalPostgres", dependencies: ["Base", "CLibpq", "Journal", "Work"], swiftSettings: strictMemory),
  .target(
    name: "Policy", dependencies: ["Base", "Git", "Work", .product(name: "Yams", package: "Yams")],
    swiftSettings: strict),
  .target(
    name: "Workspace", dependencies: ["Base", "Egress", "FileSystem", "Git", "Sandbox", "Work"],
    swiftSettings: strict),
  .target(
    name: "Verify",
    dependencies: [
      "Base", "Egress", "FileSystem", "Git", "JSON", "Merging", "Policy", "Sandbox", "TestResults", "Work", "Workspace",
    ],
    swiftSettings: strict),

  // What test runners print and write.
  .target(name: "TestResults", dependencies: ["Base", "CLibexpat", "JSON"], swiftSettings: strictMemory),

  // Models, and what lets them work.
  .target(name: "Models", dependencies: ["Base", "FileSystem", "HTTP", "JSON"], swiftSettings: strict),
  .target(
    name: "Tools", dependencies: ["Base", "JSON", "Models", "Sandbox", "Templates"], swiftSettings: strict),
  .target(
    name: "Agent",
    dependencies: [
      "Base", "FileSystem", "Journal", "JSON", "Models", "Policy", "Sandbox", "Templates", "Tools", "Work",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: strict),

  // The jobs; none of them can publish.
  .target(
    name: "Review",
    dependencies: [
      "Base", "ByteText", "Git", "JSON", "Merging", "Models", "Policy", "Secrets", "Templates", "Work",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: strict),
  .target(
    name: "Fix",
    dependencies: [
      "Base", "Git", "Journal", "Merging", "Policy", "Secrets", "Templates", "TestResults", "Verify", "Work",
    ],
    swiftSettings: strict),
  .target(
    name: "Resolve",
    dependencies: ["Base", "Git", "Merging", "Secrets", "Templates", "TestResults", "Verify", "Work"],
    swiftSettings: strict),
  .target(
    name: "Replay", dependencies: ["Base", "Evaluation", "FileSystem", "Git", "Merging", "Resolve", "Work"],
    swiftSettings: strict),

  .target(
    name: "Learning", dependencies: ["Base", "Evaluation", "Git", "Merging", "Work"], swiftSettings: strict),

  // The way out.
  .target(
    name: "Forges",
    dependencies: [
      "Base", "Git", "HTTP", "JSON", "Work", .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "JWTKit", package: "jwt-kit"),
    ],
    swiftSettings: strict + counted),
  .target(
    name: "Publish",
    dependencies: [
      "Base", "ByteText", "Forges", "Git", "JSON", "Merging", "Policy", "Secrets", "Templates", "Work",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: strict),
  .target(
    name: "Settings", dependencies: ["Base", "FileSystem", "Journal", "Policy", "Work"], swiftSettings: strict),
  .target(name: "CBrokerShims"),
  .target(
    name: "Broker",
    dependencies: ["Base", "CBrokerShims", "FileSystem", "Forges", "Git", "HTTP", "JSON", "Secrets", "Work"],
    swiftSettings: strict),
  .target(
    name: "Server",
    dependencies: [
      "Base", "Forges", "JSON", "Journal", "Settings", "Templates", "Work",
      .product(name: "CoreMetrics", package: "swift-metrics"),
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "HTTPTypes", package: "swift-http-types"),
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdCore", package: "hummingbird"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    swiftSettings: strict),
  .target(
    name: "Pipeline",
    dependencies: [
      "Agent", "Base", "Broker", "Egress", "FileSystem", "Fix", "Forges", "Git", "HTTP", "Installation", "Journal",
      "Learning", "Memory", "Merging", "Models", "Policy", "Publish", "Resolve", "Review", "Sandbox", "Secrets",
      "Signing",
      "Spool",
      "Templates",
      "TestResults", "Tools", "Verify", "Work", "Workspace",
    ],
    swiftSettings: strict),

  // The hooks: thin, because loading libgit2 costs more than all they do.
  .target(
    name: "HookTemplates", path: "Hooks/templates",
    resources: [
      .embedInCode("post-receive.sh"), .embedInCode("pre-commit.sh"), .embedInCode("pre-push.sh"),
      .embedInCode("pre-receive.sh"),
    ],
    swiftSettings: strict),
  .target(
    name: "Installation", dependencies: ["Base", "FileSystem", "HookTemplates", "Work"], swiftSettings: strict),
  .target(
    name: "MergeFileCommand", dependencies: ["Base", "FileSystem", "Memory", "Merging", "Work"],
    swiftSettings: strict),
  .executableTarget(
    name: "arborist-hook", dependencies: ["Base", "FileSystem", "MergeFileCommand", "Merging", "Spool", "Work"],
    path: "Hooks/arborist-hook", swiftSettings: strict),

  .executableTarget(
    name: "arborist",
    dependencies: [
      "Agent", "Base", "Broker", "Egress", "Evaluation", "FileSystem", "Fix", "Forges", "Git", "HTTP", "Installation",
      "Journal", "JournalPostgres", "JournalSQLite", "Learning", "Memory", "MergeFileCommand", "Merging", "Models",
      "Pipeline", "Policy", "Replay", "Resolve", "Review", "Sandbox", "Secrets", "Server", "Settings", "Spool",
      "Templates",
      "Tools", "Work", "Workspace",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      .product(name: "UnixSignals", package: "swift-service-lifecycle"),
    ],
    swiftSettings: strict),
]

let tests: [Target] = [
  .target(name: "TestSupport", dependencies: ["Base", "Work"], path: "Tests/TestSupport", swiftSettings: strict),
  .target(
    name: "ScriptedModel", dependencies: ["Base", "JSON"], path: "Tests/ScriptedModel", swiftSettings: strict),
  .executableTarget(
    name: "scripted-model", dependencies: ["ScriptedModel"], path: "Tests/scripted-model", swiftSettings: strict),
  .testTarget(name: "ScriptedModelTests", dependencies: ["JSON", "ScriptedModel"], swiftSettings: strict),
  .testTarget(name: "BaseTests", dependencies: ["Base", "TestSupport"], swiftSettings: strict),
  .testTarget(name: "HTTPTests", dependencies: ["Base", "HTTP", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "TestResultsTests", dependencies: ["Base", "TestResults", "TestSupport"],
    exclude: ["Documented", "Expected", "Fixtures"], swiftSettings: strict),
  .testTarget(name: "WorkTests", dependencies: ["Base", "Work"], swiftSettings: strict),
  .target(
    name: "MergeProperties", dependencies: ["Merging"], path: "Tests/MergeProperties",
    swiftSettings: strict + counted),
  .testTarget(
    name: "MergingTests", dependencies: ["MergeProperties", "Merging", "TestSupport"], swiftSettings: strict),
  .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "Merging"], swiftSettings: strict),
  .testTarget(
    name: "ReplayTests",
    dependencies: ["Base", "Evaluation", "Git", "Merging", "Replay", "TestSupport", "Work"], swiftSettings: strict),
  .testTarget(
    name: "GitTests", dependencies: ["Base", "FileSystem", "Git", "TestSupport", "Work"], swiftSettings: strict),
  .testTarget(name: "EgressTests", dependencies: ["Base", "Egress", "TestSupport"], swiftSettings: strict),
  .executableTarget(
    name: "sandbox-driver", dependencies: ["Sandbox"], path: "Tests/SandboxDriver", swiftSettings: strict),
  .testTarget(
    name: "SandboxTests",
    dependencies: [
      "Base", "FileSystem", "Git", "Sandbox", "TestSupport", "Workspace", "arborist-cell", "sandbox-driver",
    ],
    exclude: ["attempts.py"],
    swiftSettings: strict),
  .testTarget(
    name: "VerifyTests",
    dependencies: [
      "Base", "Egress", "FileSystem", "Git", "JSON", "Sandbox", "TestResults", "TestSupport", "Verify", "Work",
      "Workspace", "arborist-cell",
    ],
    exclude: ["Verdict/Corpus"],
    swiftSettings: strict),
  .testTarget(
    name: "FixTests",
    dependencies: ["Base", "Fix", "Git", "Merging", "TestResults", "TestSupport", "Verify", "Work"],
    swiftSettings: strict),
  .testTarget(name: "SigningTests", dependencies: ["Signing", "TestSupport"], swiftSettings: strict),
  .testTarget(name: "PolicyTests", dependencies: ["Base", "Policy", "Work"], swiftSettings: strict),
  .testTarget(
    name: "JournalTests",
    dependencies: [
      "Base", "Journal", "JournalPostgres", "JournalSQLite", "TestSupport", "Work",
      .product(name: "GRDB", package: "GRDB.swift"),
    ],
    swiftSettings: strict),
  .executableTarget(
    name: "journal-driver", dependencies: ["Base", "Journal", "JournalPostgres", "JournalSQLite", "Work"],
    path: "Tests/journal-driver", swiftSettings: strict),
  .testTarget(
    name: "ToolsTests",
    dependencies: ["Base", "JSON", "Models", "Sandbox", "Templates", "TestSupport", "Tools", "arborist-cell"],
    swiftSettings: strict),
  .testTarget(
    name: "ModelsTests", dependencies: ["Base", "FileSystem", "HTTP", "JSON", "Models", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "AgentTests",
    dependencies: [
      "Agent", "Base", "FileSystem", "HTTP", "JSON", "Journal", "JournalSQLite", "Models", "Sandbox", "ScriptedModel",
      "Templates", "TestSupport", "Tools", "Work", "arborist-cell",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "ReviewTests", dependencies: ["Base", "Git", "JSON", "Merging", "Policy", "Review", "Templates", "Work"],
    swiftSettings: strict),
  .testTarget(
    name: "InstallationTests",
    dependencies: ["Base", "FileSystem", "HookTemplates", "Installation", "TestSupport", "Work"],
    swiftSettings: strict),
  .testTarget(
    name: "HookTests",
    dependencies: [
      "Base", "FileSystem", "Installation", "Memory", "MergeFileCommand", "Merging", "Spool", "TestSupport",
      "Work",
      "arborist-hook",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "ResolveTests",
    dependencies: ["Base", "Git", "Merging", "Resolve", "TestResults", "TestSupport", "Verify", "Work"],
    swiftSettings: strict),
  .testTarget(
    name: "PublishTests",
    dependencies: [
      "Base", "Forges", "Git", "JSON", "Merging", "Policy", "Publish", "Secrets", "Templates", "TestSupport", "Work",
    ],
    swiftSettings: strict),
  .target(
    name: "TestForge",
    dependencies: [
      "JSON", .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "HTTPTypes", package: "swift-http-types"),
      .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "JWTKit", package: "jwt-kit"),
      .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    path: "Tests/TestForge", swiftSettings: strict),
  .executableTarget(
    name: "test-forge", dependencies: ["TestForge"], path: "Tests/test-forge", swiftSettings: strict),
  .target(
    name: "DeliveryTrials",
    dependencies: ["Base", "Forges", "JSON", "Work", .product(name: "Crypto", package: "swift-crypto")],
    path: "Fuzz/DeliveryFuzz/Trials", swiftSettings: strict),
  .executableTarget(
    name: "delivery-trials", dependencies: ["Base", "DeliveryTrials", "Forges", "Work"],
    path: "Fuzz/DeliveryFuzz/Program",
    swiftSettings: strict),
  .testTarget(
    name: "ForgesTests",
    dependencies: [
      "Base", "DeliveryTrials", "Forges", "HTTP", "JSON", "TestForge", "TestSupport", "Work",
      .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
      .product(name: "JWTKit", package: "jwt-kit"),
    ],
    swiftSettings: strict),
  .testTarget(
    name: "SettingsTests",
    dependencies: ["Base", "FileSystem", "Journal", "Policy", "Settings", "Templates", "TestSupport", "Work"],
    swiftSettings: strict),
  .executableTarget(
    name: "broker-driver", dependencies: ["Base", "Broker", "FileSystem", "Forges", "Git", "HTTP", "Work"],
    path: "Tests/BrokerDriver", swiftSettings: strict),
  .testTarget(
    name: "BrokerTests",
    dependencies: [
      "Base", "Broker", "FileSystem", "Forges", "Git", "HTTP", "TestForge", "TestSupport", "Work", "broker-driver",
    ],
    exclude: ["git-frontend.py"],
    swiftSettings: strict),
  .testTarget(
    name: "ServerTests",
    dependencies: [
      "Base", "Forges", "JSON", "Journal", "JournalSQLite", "Server", "Settings", "Templates", "TestSupport", "Work",
      .product(name: "CoreMetrics", package: "swift-metrics"),
      .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ],
    swiftSettings: strict),
  .testTarget(
    name: "PipelineTests",
    dependencies: [
      "Base", "Broker", "Egress", "FileSystem", "Fix", "Forges", "Git", "Installation", "Journal", "JournalSQLite",
      "Learning",
      "Memory", "Merging", "Pipeline", "Policy", "Publish", "Resolve", "Review", "Sandbox", "Spool", "Templates",
      "TestForge", "TestResults", "TestSupport", "Verify", "Work", "Workspace",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "ServiceTests",
    dependencies: [
      "Base", "FileSystem", "Forges", "HTTP", "JSON", "ScriptedModel", "TestForge", "TestSupport", "Work", "arborist",
      "arborist-cell",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "CommandTests",
    dependencies: [
      "Base", "FileSystem", "ScriptedModel", "Spool", "TestSupport", "Work", "arborist", "arborist-cell",
      "arborist-hook",
    ],
    swiftSettings: strict),
]

let package = Package(
  name: "arborist",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
  ],
  targets: modules + tests + benchmarks + fuzzers
)

/// Where `ARBORIST_ONLY` names targets, with commas between, nothing is built but them and what they need: a change to
/// one module is then tried in seconds.
func narrow(_ package: Package, to names: [String]) {
  let known = Dictionary(package.targets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  var wanted: Set<String> = []
  var open = names
  while let name = open.popLast() {
    guard let target = known[name], wanted.insert(name).inserted else { continue }
    for dependency in target.dependencies {
      switch dependency {
      case .targetItem(let name, _), .byNameItem(let name, _): open.append(name)
      default: break
      }
    }
  }
  package.targets.removeAll { !wanted.contains($0.name) }
}

if let only = Context.environment["ARBORIST_ONLY"] { narrow(package, to: only.split(separator: ",").map(String.init)) }
