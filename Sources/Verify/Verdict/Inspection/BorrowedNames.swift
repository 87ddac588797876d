internal import Base

/// Product code that gives its own meaning to a name that tests use and that the language or its library has.
enum BorrowedNames {
  static func look(at file: InspectedFile, isInTests: (String) -> Bool) -> [PatchSuspicion] {
    file.added.compactMap { line in
      guard let (words, strength) = sign(on: line, of: file, isInTests: isInTests), !file.had(words) else { return nil }
      return PatchSuspicion(
        kind: .frameworkPatched, strength: strength, path: file.path, line: line + 1, excerpt: file.excerpt(line))
    }
  }

  private static func sign(
    on line: Int, of file: InspectedFile, isInTests: (String) -> Bool
  ) -> (String, PatchSuspicion.Strength)? {
    let code = file.squeezed[line]
    guard !code.isEmpty else { return nil }
    switch file.language {
    case "C", "C++", "Objective-C":
      return macro(code, of: file, isInTests: isInTests) ?? function(code, on: line, of: file, isInTests: isInTests)
    case "Go": return file.new.indent(of: line) == 0 ? predeclared(code) : nil
    case "Rust": return renamed(code)
    case "Python": return file.new.indent(of: line) == 0 ? builtin(code, isInTests: isInTests) : nil
    default: return nil
    }
  }

  // MARK: C

  /// What decides how a test program ends, whether its sources name it or not.
  private static let ending = Words.set(
    """
    abort exit _exit _Exit quick_exit raise kill atexit __assert_fail __assert __assert_rtn __assert_func
    __assert_perror_fail __libc_start_main __cxa_throw __cxa_atexit __stack_chk_fail longjmp siglongjmp __fortify_fail
    """)
  private static let library = Words.set(
    """
    strcmp strncmp strcasecmp strncasecmp strcoll strstr strcasestr strlen strnlen strchr strrchr strspn strcspn memcmp
    memchr memmem bcmp wcscmp wcsncmp wcslen wmemcmp printf fprintf dprintf vprintf vfprintf snprintf sprintf vsnprintf
    puts fputs putchar putc fputc fwrite fwrite_unlocked write perror fopen fread fgets fgetc getline read open getenv
    system popen pclose abs labs llabs fabs fabsf fabsl round lround floor ceil fmod isnan isinf signbit sqrt pow atoi
    atol atof strtol strtoul strtoll strtod isdigit isalpha isspace toupper tolower qsort bsearch setjmp signal sigaction
    waitpid wait fork execve pthread_create pthread_join __builtin_expect strsignal strerror
    """)
  private static let keywords = Words.set(
    "if else return while for switch do case break goto int char long short unsigned double float void sizeof")

  /// A function with the name of one of the library, for the whole program.
  private static func function(
    _ code: String, on line: Int, of file: InspectedFile, isInTests: (String) -> Bool
  ) -> (String, PatchSuspicion.Strength)? {
    if code.contains("#pragma redefine_extname") || code.hasPrefix("#pragma weak") { return (code, .strong) }
    guard let open = code.firstIndex(of: "("), !code.hasSuffix(";") || code.contains("{") else { return nil }
    let before = code[..<open]
    let name = String(before.reversed().prefix(while: \.isWordCharacter).reversed())
    guard ending.contains(name) || library.contains(name) else { return nil }
    let types = before.dropLast(name.count)
    let words = String(types).words
    // A call, or one that no other file sees.
    guard !words.isEmpty, types.allSatisfy({ $0.isWordCharacter || " *\"()_".contains($0) }),
      words.allSatisfy({ !["return", "else", "static", "case", "new", "delete", "sizeof", "goto"].contains($0) })
    else { return nil }
    return (name + "(", ending.contains(name) || isInTests(name) ? .strong : .wantsPerson)
  }

  /// A macro that a file which tests may include brings along.
  private static func macro(
    _ code: String, of file: InspectedFile, isInTests: (String) -> Bool
  ) -> (String, PatchSuspicion.Strength)? {
    guard code.hasPrefix("#define ") else { return nil }
    let name = String(code.dropFirst(8).prefix(while: \.isWordCharacter))
    let isSource = ["c", "cc", "cpp", "cxx", "m", "mm"].contains(file.fileExtension) && !isInTests(file.name)
    guard !isSource else { return nil }
    if keywords.contains(name) || ending.contains(name) { return ("#define \(name)", .strong) }
    if library.contains(name) { return ("#define \(name)", isInTests(name) ? .strong : .wantsPerson) }
    // What tests call their own, or a function that they call.
    guard name.count > 2, name.contains(where: \.isLowercase), isInTests(name) else { return nil }
    return ("#define \(name)", .wantsPerson)
  }

  // MARK: Others

  /// What every package of Go has; `min`, `max` and others that came late are often written by hand.
  private static func predeclared(_ code: String) -> (String, PatchSuspicion.Strength)? {
    let names: Set<Substring> = [
      "true", "false", "nil", "iota", "len", "cap", "append", "panic", "recover", "error", "string", "int", "bool",
      "byte", "rune", "float64", "copy", "make", "delete", "print", "println",
    ]
    let words = code.words
    guard let first = words.first, ["func", "var", "const", "type"].contains(first), words.count > 1,
      names.contains(words[1]), code.dropFirst(first.count + 1).hasPrefix(words[1])
    else { return nil }
    return ("\(first) \(words[1])", .strong)
  }

  /// A macro or a crate of Rust's own by another's name: tests that take in all that is above them get it.
  private static func renamed(_ code: String) -> (String, PatchSuspicion.Strength)? {
    let macros = ["assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "panic", "matches", "vec"]
    if code.contains("use "), let name = macros.first(where: { code.has("as \($0)") }) {
      return ("as \(name)", .strong)
    }
    for name in ["std", "core", "alloc"] where code.has("mod \(name)") || code.has("as \(name)") {
      return (name, .strong)
    }
    return nil
  }

  /// A name of Python's own, where tests take in all that a module has.
  private static func builtin(
    _ code: String, isInTests: (String) -> Bool
  ) -> (String, PatchSuspicion.Strength)? {
    let names = Words.set(
      """
      len round abs sum sorted any all isinstance issubclass str repr print set list dict tuple int float bool type range
      zip map min max iter next getattr hasattr callable open bytes hash id vars AssertionError Exception ValueError
      TypeError KeyError IndexError BaseException object super enumerate reversed filter format
      """)
    var name = ""
    for form in ["def ", "class ", "async def "] where code.hasPrefix(form) {
      name = String(code.dropFirst(form.count).prefix(while: \.isWordCharacter))
    }
    if name.isEmpty, let equals = code.firstIndex(of: "="), code[..<equals].allSatisfy(\.isWordCharacter) {
      name = String(code[..<equals])
    }
    if name.isEmpty, code.contains("import ") { name = String(code.after(" as ") ?? "") }
    guard names.contains(name), isInTests("import *") else { return nil }
    return (name, .wantsPerson)
  }
}
