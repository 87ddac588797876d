internal import Glibc

extension GitFrontend {
  static func configuration(_ directory: String, port: UInt16, _ world: World) -> String {
    let user = getuid() == 0 ? "user root;" : ""
    let programs = GitRunner.program(["git", "--exec-path"]).text.filter { !$0.isNewline }
    return """
      \(user)
      daemon off;
      worker_processes 1;
      pid \(directory)/nginx.pid;
      error_log \(directory)/error.log warn;
      events { worker_connections 64; }
      http {
        access_log off;
        client_max_body_size 0;
        client_body_temp_path \(directory)/body;
        proxy_temp_path \(directory)/proxy;
        fastcgi_temp_path \(directory)/fastcgi;
        uwsgi_temp_path \(directory)/uwsgi;
        scgi_temp_path \(directory)/scgi;
        server {
          listen 127.0.0.1:\(port);
          location = \(identity) { return 200 "\(directory)"; }
          location = /_admission {
            internal;
            proxy_pass \(world.address)/_control/git-auth;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Original-URI $request_uri;
          }
          location ~ "^/(.+)\\.git/" {
            set $repository $1;
            auth_request /_admission;
            auth_request_set $forge_user $upstream_http_x_forge_user;
            auth_request_set $forge_branches $upstream_http_x_forge_branches;
            fastcgi_pass unix:\(directory)/fcgi;
            fastcgi_param SCRIPT_FILENAME \(programs)/git-http-backend;
            fastcgi_param GIT_PROJECT_ROOT \(world.directory);
            fastcgi_param GIT_HTTP_EXPORT_ALL 1;
            fastcgi_param GIT_PROTOCOL $http_git_protocol;
            fastcgi_param GIT_CONFIG_NOSYSTEM 1;
            fastcgi_param GIT_CONFIG_GLOBAL /dev/null;
            fastcgi_param HOME /nonexistent;
            fastcgi_param PATH /usr/local/bin:/usr/bin:/bin;
            fastcgi_param PATH_INFO $uri;
            fastcgi_param QUERY_STRING $query_string;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param CONTENT_TYPE $content_type;
            fastcgi_param CONTENT_LENGTH $content_length;
            fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param REMOTE_USER $forge_user;
            fastcgi_param FORGE_BRANCHES $forge_branches;
            fastcgi_param FORGE_REPOSITORY $repository;
          }
          # The rest of the forge, so that its pages, its API and git are at one address, as they are on real ones.
          location / { proxy_pass \(world.address); }
        }
      }

      """
  }

  /// The hooks of a repository; they do nothing for pushes that do not come through the front.
  static func writeHooks(_ repository: Repository, _ world: World) throws {
    mkdir(repository.directory + "/hooks", 0o755)
    let hidden = world.kind == .gitlab ? "refs/merge-requests/*|refs/pipelines/*" : "refs/pull/*"
    let (first, second) =
      switch world.kind {
      case .github:
        ("error: GH006: Protected branch update failed for $ref.", "Changes must be made through a pull request.")
      case .gitlab:
        ("GitLab: You are not allowed to push code to protected branches on this project.", "")
      case .gitea: ("Gitea: Not allowed to push to protected branch ${ref#refs/heads/}", "")
      }
    let closed = repository.protected + repository.rules.filter(\.refusesPush).map(\.pattern)
    let patterns = closed.map { "refs/heads/\($0)" }.joined(separator: "|")
    let refusal = """
          echo "\(first)" >&2
          \(second.isEmpty ? ":" : "echo \"\(second)\" >&2")
          exit 1
      """
    try write(
      """
      #!/bin/sh
      [ -n "$FORGE_REPOSITORY" ] || exit 0
      while read -r old new ref; do
        case "$ref" in
        \(hidden)) echo "deny updating a hidden ref" >&2; exit 1 ;;
        \(patterns.isEmpty ? "//" : patterns))
      \(refusal) ;;
        esac
        [ "$FORGE_BRANCHES" = "*" ] && continue
        case " $FORGE_BRANCHES " in
        *" $ref "*) ;;
        *) echo "You may not push to $ref" >&2; exit 1 ;;
        esac
      done

      """, to: repository.directory + "/hooks/pre-receive", mode: 0o755)
    try write(
      """
      #!/bin/sh
      [ -n "$FORGE_REPOSITORY" ] || exit 0
      exec curl -gs --noproxy '*' --data-binary @- -H 'Content-Type: text/plain' \\
        "\(world.address)/_control/received?repository=$FORGE_REPOSITORY&user=$REMOTE_USER"

      """, to: repository.directory + "/hooks/post-receive", mode: 0o755)
    _ = GitRunner.run(["config", "http.receivepack", "true"], in: repository.directory)
  }
}
