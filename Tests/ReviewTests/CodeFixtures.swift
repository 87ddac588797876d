extension CheckFixtures {
  static let debugging: [Case] = [
    Case(
      "JavaScript", "debug-leftover",
      text: """
        file src/a.ts
        @@ 30
        +  debugger; ⟵ debug-leftover
        +  console.log("x", y); ⟵ debug-leftover
        +  // console.log(y)
        +  const s = "console.log(y)";
        +  my.console.logger(y);
        +  attachDebugger();
        file src/a.test.ts
        @@ 30
        +  it.only("works", () => {}); ⟵ debug-leftover
        +  fdescribe("x", () => {}); ⟵ debug-leftover
        +  console.log("x");
        +  benefit(3);
        file scripts/build.js
        +console.log("built");
        """),
    Case(
      "a file that always printed", "debug-leftover",
      text: "file src/report.js\n console.log(head)\n+console.log(tail)\n console.log(end)"),
    Case(
      "Python", "debug-leftover",
      text: """
        file app/a.py
        @@ 3
        +    import pdb; pdb.set_trace() ⟵ debug-leftover
        +    breakpoint() ⟵ debug-leftover
        +    # breakpoint()
        +    s = "pdb.set_trace()"
        +    self.breakpoint()
        +    def breakpoint():
        file app/b.py
        @@ 3
        +    print("DEBUG", x) ⟵ debug-leftover
        +    print("debug-level messages are off")
        +    print("Debug build mode detected")
        +    print(f">>> {x}") ⟵ debug-leftover
        +    print("hello")
        """),
    Case(
      "a text of many lines is read from its start", "debug-leftover",
      text: "file app/a.py new\n+\"\"\"\n+Use it so:\n+    breakpoint()\n+\"\"\"\n+breakpoint() ⟵ debug-leftover"),
    Case(
      "other languages", "debug-leftover",
      text: """
        file a.rb
        @@ 3
        +  binding.pry ⟵ debug-leftover
        +  byebug ⟵ debug-leftover
        file a.php
        @@ 3
        +  var_dump($x); ⟵ debug-leftover
        +  dd($x); ⟵ debug-leftover
        +  $this->dd($x);
        +  function dd($x) {
        +  add($x);
        file a.rs
        @@ 3
        +  dbg!(x); ⟵ debug-leftover
        +  println!("{}", x);
        file a.go
        @@ 3
        +	fmt.Println("DEBUG:", x) ⟵ debug-leftover
        +	fmt.Println("here") ⟵ debug-leftover
        +	fmt.Println("here is the list")
        file A.cs
        @@ 3
        +    Debugger.Break(); ⟵ debug-leftover
        file a.swift
        @@ 3
        +    print("DEBUG \\(x)") ⟵ debug-leftover
        +    print("done")
        file src/main/java/A.java
        @@ 3
        +    System.out.println("x"); ⟵ debug-leftover
        file src/test/java/ATest.java
        @@ 3
        +    System.out.println("x");
        file a.exs
        @@ 3
        +  IEx.pry() ⟵ debug-leftover
        """),
    Case(
      "promises in comments", "debug-leftover",
      text: """
        file a.c
        @@ 3
        +  // FIXME remove before release ⟵ debug-leftover
        +  /* DO NOT MERGE */ ⟵ debug-leftover
        +  puts("do not merge");
        +  // FIXME handle removal
        file README.md
        +Do not commit secrets.
        """),
  ]

  static let lockFiles: [Case] = [
    Case(
      "a lock file alone", "lock-file",
      text: "file web/package-lock.json ⟵ lock-file\n+  \"a\": 1\nfile package.json\n {}\n+ "),
    Case("nothing but a lock file", "lock-file", text: "file Cargo.lock\n+a\nfile CHANGELOG.md\n+a"),
    Case("a lock file with its manifest", "lock-file", text: "file Cargo.lock\n+a\nfile crates/a/Cargo.toml\n+a = 1"),
    Case(
      "a manifest alone", "lock-file", tree: ["package-lock.json": "", "Cargo.lock": "name = \"a\"\n"],
      text: """
        file package.json
         { "name": "x",
           "dependencies": {
        +    "left-pad": "1.0.0", ⟵ lock-file
             "b": "1.0.0" } }
        file crates/a/Cargo.toml
         name = "a"
         [dependencies]
         serde = "1"
        +rand = "0.8" ⟵ lock-file
        """),
    Case(
      "a manifest whose dependencies stay", "lock-file",
      tree: ["package-lock.json": "", "Cargo.lock": "name = \"a\"\n"],
      text: """
        file package.json
         { "name": "x",
        +  "scripts": { "dependencies": "x" },
           "dependencies": { "b": "1.0.0" } }
        file Cargo.toml
         [package]
        -version = "1.0.0"
        +version = "1.0.1"
         [dependencies]
        -serde = "1.0.1"
        +serde = { version = "1.0.2", features = ["derive"] } # newer
        """),
    Case(
      "a crate that is no member of the workspace", "lock-file",
      tree: ["Cargo.lock": "[[package]]\nname = \"member\"\n"],
      text: """
        file fuzz/Cargo.toml
         [package]
         name = "fuzz"
         [dependencies]
        +rand = "0.8"
        file member/Cargo.toml
         [package]
         name = "member"
         [dependencies]
        +rand = "0.8" ⟵ lock-file
        """),
    Case(
      "comments among dependencies", "lock-file", tree: ["Cargo.lock": ""],
      text: "file Cargo.toml\n [dev-dependencies]\n a = \"1\"\n-[profile.release]\n # name = \"x\"\n+# other = \"y\""),
    Case(
      "a manifest without a lock file", "lock-file",
      text: "file package.json\n {\n+  \"dependencies\": { \"a\": \"1\" } }"),
    Case(
      "Go's sums know what else requires", "lock-file",
      tree: ["go.sum": "example.org/a v1.2.0 h1:x=\nexample.org/a v1.2.0/go.mod h1:y=\n"],
      text: "file go.mod\n module m\n+require example.org/a v1.2.0\n-require example.org/b v1.0.0"),
    Case(
      "Go's sums do not know", "lock-file", tree: ["go.sum": "example.org/b v1.0.0 h1:x=\n"],
      text: "file go.mod\n module m\n+require example.org/a v1.2.0 ⟵ lock-file"),
  ]

  static let tests: [Case] = [
    Case(
      "tests that go", "deleted-test",
      text: """
        file tests/test_a.py
        @@ 10
        -def test_one(): ⟵ deleted-test
        -    assert True
         def helper(): pass
        -def test_two():
        file src/CoreTest.java
        @@ 5
        -  @Test
        -  public void keepsOrder() { ⟵ deleted-test
        -  }
        """),
    Case(
      "tests that move, get a new name or lose their subject", "deleted-test",
      text: """
        file tests/test_a.py
        @@ 10
        -def test_one():
        -def test_two():
        +def test_two_and_more():
        file tests/test_b.py new
        +def test_one():
        file src/order.py gone
        -x = 1
        file tests/test_order.py gone
        -def test_order():
        file tests/helper.py gone
        -def make():
        file src/a.py
        -def test_connection(host):
        """),
    Case(
      "a whole test file", "deleted-test",
      text: "file pkg/a_test.go gone\n-package a\n-func TestA(t *testing.T) { ⟵ deleted-test\n-}"),
    Case(
      "tests switched off", "skipped-test",
      text: """
        file tests/test_a.py
        @@ 10
        +@pytest.mark.skip(reason="flaky") ⟵ skipped-test
        +def test_one(): pass
        +@pytest.mark.xfail(sys.platform == "win32", reason="x")
        +@pytest.mark.xfail(reason="broken") ⟵ skipped-test
        +@pytest.mark.skipif(sys.platform == "win32")
        +# @pytest.mark.skip
        +    if missing:
        +        pytest.skip("no service")
        file web/a.spec.ts
        @@ 10
        +  it.skip("x", () => {}); ⟵ skipped-test
        +  exit(1);
        file pkg/a_test.go
        @@ 10
        +func TestA(t *testing.T) {
        +	t.Skip("later") ⟵ skipped-test
        +	if testing.Short() {
        +		t.Skip("long")
        +	}
        file src/lib.rs
        @@ 10
        +    #[ignore] ⟵ skipped-test
        file Tests/ATests.swift
        @@ 10
        +  @Test(.disabled("broken")) func a() {} ⟵ skipped-test
        +  @Test(.disabled(if: onCI)) func b() {}
        """),
    Case(
      "a marker that only moved", "skipped-test",
      text: "file tests/test_a.py\n@@ 10\n-@pytest.mark.skip(\"x\")\n def a(): pass\n+@pytest.mark.skip(\"x\")"),
  ]
}
