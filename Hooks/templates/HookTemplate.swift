/// The hooks as they are in this directory, with words such as `@STATE@` where a path goes.
package enum HookTemplate {
  package static var postReceive: [UInt8] { PackageResources.post_receive_sh }
  package static var preReceive: [UInt8] { PackageResources.pre_receive_sh }
  package static var preCommit: [UInt8] { PackageResources.pre_commit_sh }
  package static var prePush: [UInt8] { PackageResources.pre_push_sh }
}
