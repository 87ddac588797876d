/// What models are told about the tools, embedded in the program: a description and a JSON Schema for each.
package enum ToolTexts {
  /// A tool's description on one or more lines, without a line end behind the last; `nil` where there is no such text.
  package static func description(_ name: String) -> String? {
    descriptions[name].map { text($0) }
  }

  /// The JSON Schema of a tool's arguments, as it is written in its file; `nil` where there is none.
  package static func schema(_ name: String) -> [UInt8]? { schemas[name] }

  /// What is told of the tools of a family before they are used, with names in braces for its figures; `nil` where
  /// there is no such text.
  package static func advice(_ family: String) -> String? {
    advice[family].map { text($0) }
  }

  /// The Lark grammar of patches.
  package static let patchGrammar = String(decoding: PackageResources.apply_patch_lark, as: UTF8.self)

  /// The names of all tools that have a description, sorted.
  package static let names = descriptions.keys.sorted()

  private static func text(_ bytes: [UInt8]) -> String {
    var text = String(decoding: bytes, as: UTF8.self)
    while text.last == "\n" { text.removeLast() }
    return text
  }

  private static let descriptions: [String: [UInt8]] = [
    "apply-patch-function": PackageResources.apply_patch_function_md,
    "apply-patch": PackageResources.apply_patch_md,
    "bash-anthropic": PackageResources.bash_anthropic_md,
    "bash-deepseek": PackageResources.bash_deepseek_md,
    "bash": PackageResources.bash_md,
    "edit": PackageResources.edit_md,
    "exec-command": PackageResources.exec_command_md,
    "glob": PackageResources.glob_md,
    "grep-search": PackageResources.grep_search_md,
    "list-directory": PackageResources.list_directory_md,
    "plan": PackageResources.plan_md,
    "read-file": PackageResources.read_file_md,
    "read": PackageResources.read_md,
    "replace": PackageResources.replace_md,
    "run-shell-command": PackageResources.run_shell_command_md,
    "str-replace-editor": PackageResources.str_replace_editor_md,
    "text-editor-anthropic": PackageResources.text_editor_anthropic_md,
    "todo-write": PackageResources.todo_write_md,
    "update-plan": PackageResources.update_plan_md,
    "write-file": PackageResources.write_file_md,
    "write-stdin": PackageResources.write_stdin_md,
    "write-todos": PackageResources.write_todos_md,
    "write": PackageResources.write_md,
  ]

  private static let advice: [String: [UInt8]] = [
    "anthropic": PackageResources.advice_anthropic_md,
    "deepseek": PackageResources.advice_deepseek_md,
    "gemini": PackageResources.advice_gemini_md,
    "generic": PackageResources.advice_generic_md,
    "openai": PackageResources.advice_openai_md,
  ]

  private static let schemas: [String: [UInt8]] = [
    "apply-patch-function": PackageResources.apply_patch_function_json,
    "bash-anthropic": PackageResources.bash_anthropic_json,
    "bash-deepseek": PackageResources.bash_deepseek_json,
    "bash": PackageResources.bash_json,
    "edit": PackageResources.edit_json,
    "exec-command": PackageResources.exec_command_json,
    "glob": PackageResources.glob_json,
    "grep-search": PackageResources.grep_search_json,
    "list-directory": PackageResources.list_directory_json,
    "plan": PackageResources.plan_json,
    "read-file": PackageResources.read_file_json,
    "read": PackageResources.read_json,
    "replace": PackageResources.replace_json,
    "run-shell-command": PackageResources.run_shell_command_json,
    "str-replace-editor": PackageResources.str_replace_editor_json,
    "text-editor-anthropic": PackageResources.text_editor_anthropic_json,
    "todo-write": PackageResources.todo_write_json,
    "update-plan": PackageResources.update_plan_json,
    "write-file": PackageResources.write_file_json,
    "write-stdin": PackageResources.write_stdin_json,
    "write-todos": PackageResources.write_todos_json,
    "write": PackageResources.write_json,
  ]
}
