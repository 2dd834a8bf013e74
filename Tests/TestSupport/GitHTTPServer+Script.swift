extension GitHTTPServer {
    /// Starts nginx and fcgiwrap, prints the port, and ends when its standard input does.
    ///
    /// The ports are bound here too, as long as this runs, so that nobody else is given them; nginx may bind them again because
    /// nobody listens. The kernel ends each child when this process ends, however it does; that holds for children alone, so
    /// neither nginx nor fcgiwrap may fork: nginx runs without a master, and fcgiwrap runs four times on one socket.
    static let script = #"""
        import ctypes, os, signal, socket, subprocess, sys, time

        directory = sys.argv[1]
        os.makedirs(directory + "/repos")
        os.makedirs(directory + "/tmp")

        def run(command):
            return subprocess.run(command, shell=True, check=True, cwd=directory, capture_output=True, text=True).stdout

        curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        run(f"openssl req -x509 {curve} -days 30 -subj '/CN=Test CA' -keyout ca.key -out ca.crt")
        run(f"openssl req {curve} -subj /CN=localhost -keyout server.key -out server.csr")
        with open(directory + "/names", "w") as file:
            file.write("subjectAltName=DNS:localhost,IP:127.0.0.1")
        run("openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile names -out server.crt")
        with open(directory + "/htpasswd", "w") as file:
            file.write("keptn:" + run("openssl passwd -apr1 s3cret"))

        sockets = []
        for _ in range(2):
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", 0))
            sockets.append(listener)
        http, https = [listener.getsockname()[1] for listener in sockets]

        backend = run("git --exec-path").strip() + "/git-http-backend"
        with open(directory + "/nginx.conf", "w") as file:
            file.write(f"""
        master_process off; daemon off; pid {directory}/nginx.pid; error_log {directory}/error.log warn;
        events {{ worker_connections 512; }}
        http {{
          log_format short "$request_method $uri $status";
          access_log {directory}/access.log short;
          client_body_temp_path {directory}/tmp/b; fastcgi_temp_path {directory}/tmp/f; proxy_temp_path {directory}/tmp/p;
          uwsgi_temp_path {directory}/tmp/u; scgi_temp_path {directory}/tmp/s;
          client_max_body_size 0;
          map $uri $realm {{ ~^/public/ off; default git; }}
          server {{
            listen 127.0.0.1:{http};
            listen 127.0.0.1:{https} ssl;
            ssl_certificate {directory}/server.crt; ssl_certificate_key {directory}/server.key;
            location ~ ^/(?<zone>public|private)(?<rest>/.*)$ {{
              auth_basic $realm; auth_basic_user_file {directory}/htpasswd;
              gzip off;
              fastcgi_pass unix:{directory}/fcgi.sock;
              fastcgi_param SCRIPT_FILENAME {backend};
              fastcgi_param GIT_PROJECT_ROOT {directory}/repos;
              fastcgi_param GIT_HTTP_EXPORT_ALL 1;
              fastcgi_param GIT_CONFIG_COUNT 1;
              fastcgi_param GIT_CONFIG_KEY_0 safe.directory;
              fastcgi_param GIT_CONFIG_VALUE_0 "*";
              fastcgi_param PATH_INFO $rest; fastcgi_param REMOTE_USER $remote_user; fastcgi_param REMOTE_ADDR $remote_addr;
              fastcgi_param REQUEST_METHOD $request_method; fastcgi_param QUERY_STRING $query_string;
              fastcgi_param CONTENT_TYPE $content_type; fastcgi_param CONTENT_LENGTH $content_length;
              fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding; fastcgi_param GIT_PROTOCOL $http_git_protocol;
            }}
            location /redirect/ {{ rewrite ^/redirect(/.*)$ $scheme://$http_host$1 redirect; }}
            location /broken/ {{ return 503; }}
            location /page/ {{ return 200 "<html>hello</html>"; }}
          }}
        }}
        """)

        library = ctypes.CDLL(None)
        def die_with_parent():
            library.prctl(1, signal.SIGKILL)

        processes = []
        def start(command, **options):
            processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=die_with_parent, **options))

        gateway = socket.socket(socket.AF_UNIX)
        gateway.bind(directory + "/fcgi.sock")
        gateway.listen(512)
        clean = {"PATH": os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin", "HOME": "/nonexistent",
                 "GIT_CONFIG_NOSYSTEM": "1"}
        with open(directory + "/server.log", "w") as log:
            for _ in range(4):
                start(["fcgiwrap"], env=clean, stdin=gateway.fileno(), stderr=log)
            server = ["nginx", "-p", directory, "-c", directory + "/nginx.conf", "-e", directory + "/error.log"]
            start(server, env=clean, stdin=subprocess.DEVNULL, stderr=log)

        end = time.monotonic() + 15
        while not os.path.exists(directory + "/nginx.pid"):
            if time.monotonic() > end or any(process.poll() is not None for process in processes):
                sys.exit("nginx or fcgiwrap did not start")
            time.sleep(0.005)
        with open(directory + "/https-port", "w") as file:
            file.write(str(https))
        print(http, flush=True)
        sys.stdin.read()
        """#
}
