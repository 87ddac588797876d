/// Words that languages give a meaning of their own, so that one in the place of another gives nothing a new name.
enum ReservedWords {
  /// Whether a word is a keyword, a literal, a modifier or a built-in type of any usual language.
  static func contains(_ word: ArraySlice<UInt8>) -> Bool {
    words.contains(Array(word))
  }

  /// The words of all languages together: a name that is a keyword elsewhere is rare enough to be left alone.
  private static let words = Set(
    (literals + operators + statements + declarations + modifiers + types).map { Array($0.utf8) })

  private static let literals = [
    "true", "false", "True", "False", "TRUE", "FALSE", "YES", "NO", "null", "NULL", "Null", "nullptr", "nil", "Nil",
    "None", "undefined", "NaN", "Infinity", "Inf", "this", "self", "Self", "super", "iota", "on", "off", "yes", "no",
  ]
  private static let operators = [
    "and", "or", "not", "xor", "is", "in", "as", "instanceof", "typeof", "sizeof", "alignof", "new", "delete", "await",
    "async", "yield", "div", "mod", "of", "where", "by", "AND", "OR", "NOT",
  ]
  private static let statements = [
    "if", "else", "elif", "elsif", "elseif", "unless", "while", "until", "for", "foreach", "do", "done", "loop",
    "repeat", "switch", "case", "when", "match", "default", "break", "continue", "next", "redo", "retry", "goto",
    "return", "throw", "throws", "rethrows", "raise", "rescue", "ensure", "try", "catch", "except", "finally", "with",
    "using", "defer", "go", "select", "guard", "assert", "begin", "end", "then", "pass", "del", "fallthrough",
    "import", "from", "include", "require", "export", "package", "use", "print", "echo", "lambda", "fi", "esac",
  ]
  private static let declarations = [
    "var", "let", "const", "val", "def", "fn", "fun", "func", "function", "sub", "class", "struct", "enum", "union",
    "interface", "trait", "protocol", "extension", "impl", "type", "typealias", "typedef", "namespace", "module",
    "object", "record", "actor", "macro", "template", "typename", "operator", "init", "deinit", "constructor",
    "extends", "implements", "subscript", "associatedtype", "define", "undef", "ifdef", "ifndef", "endif", "pragma",
  ]
  private static let modifiers = [
    "public", "private", "protected", "internal", "fileprivate", "open", "pub", "crate", "static", "final", "abstract",
    "virtual", "override", "sealed", "readonly", "mutable", "mut", "ref", "out", "inout", "volatile", "transient",
    "synchronized", "native", "inline", "constexpr", "consteval", "extern", "explicit", "unsafe", "lazy", "weak",
    "unowned", "mutating", "nonmutating", "suspend", "lateinit", "data", "companion", "global", "nonlocal", "local",
    "register", "required", "optional", "repeated", "convenience", "dynamic", "indirect", "move", "dyn", "partial",
    "noexcept", "restrict", "friend", "nonisolated", "some", "any", "declare", "keyof", "get", "set", "borrowing",
  ]
  private static let types = [
    "int", "uint", "long", "ulong", "short", "ushort", "byte", "sbyte", "char", "float", "double", "bool", "boolean",
    "void", "string", "signed", "unsigned", "decimal", "auto", "never", "unknown", "number", "bigint", "symbol", "str",
    "bytes", "list", "dict", "tuple", "rune", "error", "map", "chan", "wchar_t", "size_t", "ssize_t", "ptrdiff_t",
    "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize", "f32", "f64",
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "complex64",
    "int8_t", "int16_t", "int32_t", "int64_t", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "uintptr", "uintptr_t",
    "String", "Int", "UInt", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float",
    "Double", "Bool", "Boolean", "Integer", "Long", "Short", "Byte", "Char", "Character", "Void", "Unit", "Any",
    "Object", "Option", "Optional", "Array", "List", "Set", "Map", "Dictionary", "Vec", "HashMap", "ArrayList",
    "HashSet", "Collection", "Iterable", "Sequence", "Result", "Box", "Rc", "Arc",
  ]
}
