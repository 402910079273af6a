"""The table of cases: what is broken, and what the verifier must say to it.

`@name@` in an address or in nginx's configuration is the port of that server of the lab; `@port@` is the
case's own. A site's body is nginx's; nothing is mocked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.conformance.content import NOARCH
from tests.conformance.servers import INDEX

PATHS = {"pip": "/simple", "uv": "/simple", "conda": "/conda", "docker": ""}
LOGIN_PAGE = "<html><head><title>Sign in</title></head><body><form action=/login><input type=password></form></body></html>"
PAGE = f"types {{}} default_type text/html; return 200 '{LOGIN_PAGE}';"
HTML = "location ~ /simple/ { types {} default_type text/html; index index.html; }"
OLD_RELEASES = "location /old/ { rewrite ^ /old.tar.gz break; }"
REGISTRY = """\
location / { proxy_pass http://127.0.0.1:@registry-plain@; proxy_set_header Host $http_host;
             proxy_set_header X-Forwarded-Proto https; }
"""
NO_LINUX = "location /conda/linux-64/ { return 404; }"
OLD = "ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;"


def challenge(realm: str) -> str:
    """The registry with tokens, behind a server that names another token service."""
    header = f"""'Bearer realm="{realm}",service="lab-registry"'"""
    return (
        "location / { proxy_pass https://127.0.0.1:@registry-token@; proxy_set_header Host $http_host;"
        f" proxy_hide_header WWW-Authenticate; add_header WWW-Authenticate {header} always; }}"
    )


def only(bodies: str) -> str:
    """A channel with nothing but repodata.json, which is that."""
    return f"location ~ repodata.json. {{ return 404; }} location ~ repodata.json$ {{ {bodies} }}"


@dataclass(frozen=True)
class Case:
    """One server or network, and what has to be said about it.

    `seconds` is the deadline: short only where it is what ends the case. `works` is whether the real client downloads from it. Where it does and we don't say ok, `stricter` gives
    the reason. `network` names a namespace to run in, `clock` is what faketime is told, `beside` another address that
    is asked in the same call.
    """

    name: str
    tool: str
    broken: str
    code: str
    site: str | None = None
    url: str = "https://localhost:@port@"
    path: str | None = None
    certificate: str = "good"
    extra: str = ""
    trusted: bool = True
    login: str | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    clock: str | None = None
    network: str | None = None
    listen: str = "127.0.0.1"
    works: bool = False
    stricter: str = ""
    what: str = ""
    warns: tuple[str, ...] = ()
    level: int | None = None
    seconds: float = 20.0
    says: str = ""
    beside: str = ""
    http2: bool = False

    @property
    def address(self) -> str:
        return self.url + (PATHS[self.tool] if self.path is None else self.path)


def healthy(name: str, tool: str, how: str, site: str | None = None, **rest: object) -> Case:
    """A server that nothing is wrong with."""
    return Case(name, tool, how, "ok", site, works=True, level=3, **rest)  # type: ignore[arg-type]


def tls(name: str, broken: str, code: str, **rest: object) -> list[Case]:
    """The same fault of the certificate, met by each tool."""
    sites = {"pip": INDEX, "conda": "location / {}", "docker": REGISTRY}
    return [Case(f"{name}-{tool}", tool, broken, code, site, **rest) for tool, site in sites.items()]  # type: ignore[arg-type]


def proxied(port: str, user: str = "") -> dict[str, str]:
    return {"https_proxy": f"http://{user}127.0.0.1:@{port}@"}


def socks(port: str, user: str = "", scheme: str = "socks5") -> dict[str, str]:
    return {"all_proxy": f"{scheme}://{user}127.0.0.1:@{port}@"}


# fmt: off
HEALTHY = [
    healthy("index", "pip", "nothing: JSON and HTML, relative links", INDEX),
    healthy("index-html", "pip", "nothing: HTML only", HTML),
    healthy("index-absolute", "pip", "nothing: files on another host", INDEX, path="/absolute/simple", ),
    healthy("index-base", "pip", "nothing: a base tag", HTML, path="/base/simple"),
    healthy("index-many-links", "uv", "nothing: 100,000 links on each page", INDEX + OLD_RELEASES, path="/links/simple"),
    healthy("index-slash", "pip", "nothing: the address ends in a slash", INDEX, path="/simple/"),
    healthy("index-ipv6", "pip", "nothing: IPv6 only", INDEX, url="https://[::1]:@port@", listen="[::1]"),
    healthy("index-no-range", "pip", "nothing: no ranges", INDEX + "max_ranges 0;"),
    healthy("index-no-hash", "pip", "nothing: links without hashes", INDEX, path="/no-hash/simple"),
    healthy("index-redirect", "pip", "nothing: redirects to another host that works", "return 302 https://127.0.0.1:@files@$request_uri;"),
    healthy("pypiserver", "pip", "nothing: pypiserver behind nginx", "location / { proxy_pass http://127.0.0.1:@pypiserver@; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https; }"),
    healthy("index-login", "pip", "nothing: an account is needed, and given", INDEX + 'auth_basic lab; auth_basic_user_file @htpasswd@;', login="robot:planted-secret-of-the-robot"),
    healthy("index-proxy", "pip", "nothing: through a proxy", INDEX, environ=proxied("proxy")),
    healthy("index-proxy-login", "pip", "nothing: through a proxy with an account", INDEX, environ=proxied("proxy-login", "robot:planted-secret-of-the-robot@")),
    healthy("index-no-proxy", "pip", "nothing: a dead proxy that no_proxy leaves out", INDEX, environ={**proxied("closed"), "no_proxy": "localhost"}),
    healthy("index-uv", "uv", "nothing: asked by uv", INDEX),
    healthy("index-uv-html", "uv", "nothing: HTML only, asked by uv", HTML),
    healthy("channel", "conda", "nothing: zst, bz2 and json", "location / {}"),
    healthy("channel-json", "conda", "nothing: repodata.json only", "location ~ repodata.json. { return 404; }"),
    healthy("channel-proxy", "conda", "nothing: through a proxy", "location / {}", environ=proxied("proxy")),
    healthy("index-socks", "uv", "nothing: through a SOCKS proxy", INDEX, environ=socks("socks")),
    healthy("index-socks-names", "uv", "nothing: through a SOCKS proxy that resolves names", INDEX, environ=socks("socks", scheme="socks5h")),
    healthy("index-socks-login", "uv", "nothing: through a SOCKS proxy with an account", INDEX, environ=socks("socks-login", "robot:planted-secret-of-the-robot@")),
    healthy("registry", "docker", "nothing: a registry of its own TLS", url="https://localhost:@registry@"),
    healthy("registry-token", "docker", "nothing: a registry with a token service", url="https://localhost:@registry-token@"),
    healthy("registry-nginx", "docker", "nothing: a registry behind nginx", REGISTRY),
    healthy("registry-robot", "docker", "nothing: tokens for an account", challenge("https://localhost:@tokens@/robot"), login="robot:planted-secret-of-the-robot"),
    healthy("registry-basic", "docker", "nothing: a registry with an account", REGISTRY + "auth_basic lab; auth_basic_user_file @htpasswd@;", login="robot:planted-secret-of-the-robot"),
    healthy("index-http2", "uv", "nothing: HTTP/2", INDEX, http2=True),
    healthy("index-http2-many-links", "uv", "nothing: HTTP/2, and 100,000 links on each page", INDEX + OLD_RELEASES, path="/links/simple", http2=True),
    healthy("index-http2-goodbye", "uv", "nothing: HTTP/2, a connection for each request", INDEX + "keepalive_requests 1;", http2=True),
    healthy("registry-http2", "docker", "nothing: a registry behind nginx, over HTTP/2", REGISTRY, http2=True),
    Case("registry-without-it", "docker", "it lacks every image that is asked for", "image-not-carried", "location ~ (hello-world|busybox|alpine) { return 404; }" + REGISTRY),
    Case("clock-late-valid", "pip", "our clock is 3 days behind, the certificate still valid", "ok", INDEX, clock="-3d", works=True),
]

INDEXES = [
    Case("pip-blocked", "pip", "403 for pip's User-Agent, 200 for curl", "http-403-client-blocked", 'if ($http_user_agent ~ "^pip/") { return 403; }' + INDEX),
    Case("uv-blocked", "uv", "403 for uv's User-Agent, 200 for curl", "http-403-client-blocked", 'if ($http_user_agent ~ "^uv/") { return 403; }' + INDEX),
    Case("http2-reset", "uv", "HTTP/2: a reset in the place of an answer", "connect-reset", "return 444;", http2=True),
    Case("http2-garbage", "uv", "an answer that isn't HTTP/2", "malformed", url="https://localhost:@garbage-h2@"),
    Case("http2-endless", "uv", "HTTP/2: a page without end", "too-large", "location / { proxy_pass https://127.0.0.1:@endless@; proxy_max_temp_file_size 0; }", http2=True),
    Case("http2-truncated", "uv", "HTTP/2: an answer that is cut off", "malformed", "location / { proxy_pass https://127.0.0.1:@truncated@; }", http2=True),
    Case("http2-silent", "uv", "HTTP/2: takes the request, says nothing", "read-timeout", "location / { proxy_pass https://127.0.0.1:@silent@; }", http2=True, seconds=4.0),
    Case("forbidden", "pip", "403 for everyone", "http-403", "return 403;"),
    Case("base-relative", "pip", "a base tag that is no whole address", "not-an-index", HTML, path="/base-relative/simple"),
    Case("not-found", "pip", "404", "http-404", "return 404;"),
    Case("too-many", "pip", "429", "http-429", "return 429;"),
    Case("unavailable", "pip", "503", "http-5xx", "return 503;"),
    Case("login-missing", "pip", "401: an account is needed", "http-401", INDEX + 'auth_basic lab; auth_basic_user_file @htpasswd@;'),
    Case("loop", "pip", "redirects in a circle", "redirect-loop", "return 302 $request_uri;"),
    Case("onward", "pip", "redirects for ever", "redirect-loop", url="https://localhost:@onward@"),
    Case("to-http", "pip", "redirects to http://", "redirect-insecure", "return 302 http://localhost:@plain@$request_uri;", works=True, stricter="pip follows to http:// on localhost; what comes from there is nobody's word"),
    Case("to-dead", "pip", "redirects to a host that is down", "redirects-to", "return 302 https://127.0.0.1:@closed@$request_uri;"),
    Case("to-broken", "pip", "redirects to a host that answers 503", "redirects-to", "return 302 https://127.0.0.1:@files@/503$request_uri;"),
    Case("portal", "pip", "a login page with 200", "captive-portal", PAGE),
    Case("empty-page", "pip", "an empty page with 200", "not-an-index", "types {} default_type text/html; return 200 '';"),
    Case("bad-json", "pip", "JSON that ends in the middle", "not-an-index", """types {} default_type application/vnd.pypi.simple.v1+json; return 200 '{"meta": {"api-version": "1.0"}, "files": [';"""),
    Case("file-store", "pip", "the store of the files, not the index", "not-an-index", "location / { autoindex on; }", path="/files"),
    Case("a-channel", "pip", "a conda channel in the place of an index", "not-an-index", "location / { autoindex on; }", path="/conda"),
    Case("stale", "pip", "ten days behind another index of the same call", "stale", INDEX, path="/stale/simple", beside="https://127.0.0.1:@files@/fresh/simple", works=True, stricter="pip takes the old files, and no word of the new ones"),
    Case("files-forbidden", "pip", "403 from the host of the files", "file-host-blocked", INDEX, path="/files-403/simple"),
    Case("files-missing", "pip", "404 for the files", "file-missing", INDEX, path="/files-404/simple"),
    Case("files-down", "pip", "the host of the files is down", "file-host-blocked", INDEX, path="/files-closed/simple"),
    Case("files-html", "pip", "a login page in the place of the files", "file-missing", INDEX, path="/files-html/simple"),
    Case("files-wrong", "pip", "the files' hashes don't match", "hash-mismatch", INDEX, path="/wrong-hash/simple"),
    Case("bomb", "pip", "a gzip bomb", "too-large", url="https://localhost:@bomb@"),
    Case("endless", "pip", "a page without end", "too-large", url="https://localhost:@endless@"),
    Case("endless-headers", "pip", "headers without end", "malformed", url="https://localhost:@headers@"),
    Case("trickle", "pip", "two bytes a second", "deadline", url="https://localhost:@trickle@", seconds=4.0),
    Case("silent", "pip", "takes the request, says nothing", "read-timeout", url="https://localhost:@silent@", seconds=4.0),
    Case("garbage", "pip", "an answer that isn't HTTP", "malformed", url="https://localhost:@garbage@"),
    Case("truncated", "pip", "an answer that is cut off", "malformed", url="https://localhost:@truncated@"),
    Case("reset", "pip", "a reset in the place of an answer", "connect-reset", url="https://localhost:@reset@"),
    Case("refused", "pip", "nobody listens", "connect-refused", url="https://localhost:@closed@"),
    Case("no-such-host", "pip", "a name that doesn't exist", "dns-failure", url="https://mirror.invalid"),
]

CHANNELS = [
    Case("no-linux", "conda", "nothing: noarch is there, linux-64 was never promised", "ok", NO_LINUX + "location ~ channeldata { return 404; } location / {}", works=True, what=NOARCH, level=3, warns=("subdir-not-carried",)),
    Case("lost-linux", "conda", "noarch is there, linux-64 is not, though the channel lists it", "subdir-missing", NO_LINUX + """location ~ channeldata { types {} default_type application/json; return 200 '{"subdirs": ["linux-64", "noarch"]}'; } location / {}"""),
    Case("no-noarch", "conda", "linux-64 is there, noarch is not", "not-a-channel", "location /conda/noarch/ { return 404; }"),
    Case("channel-not-found", "conda", "404", "not-a-channel", "return 404;"),
    Case("channel-forbidden", "conda", "403 for everyone", "http-403", "return 403;"),
    Case("channel-bad-json", "conda", "repodata that ends in the middle", "not-a-channel", only("return 200 '{\"info\": {\"subdir\":';")),
    Case("channel-not-repodata", "conda", "JSON that is no repodata", "not-a-channel", only("return 200 '[1, 2, 3]';")),
    Case("channel-portal", "conda", "a login page with 200", "captive-portal", PAGE),
    Case("channel-bad-zst", "conda", "repodata.json.zst that isn't zstd, and no other", "not-a-channel", "location ~ repodata.json.zst$ { return 200 'nothing compressed'; } location ~ repodata.json { return 404; }"),
    Case("packages-missing", "conda", "404 for the packages", "package-missing", "location ~ -1.0-0.tar.bz2$ { return 404; }"),
    Case("packages-forbidden", "conda", "403 for the packages", "file-host-blocked", "location ~ -1.0-0.tar.bz2$ { return 403; }"),
    Case("packages-wrong", "conda", "other packages than repodata promises", "hash-mismatch", "location ~ -1.0-0.tar.bz2$ { return 200 'something else'; }"),
    Case("an-index", "conda", "a pip index in the place of a channel", "not-a-channel", INDEX, path="/simple"),
    Case("channel-trickle", "conda", "two bytes a second", "deadline", url="https://localhost:@trickle@", seconds=4.0),
]

REGISTRIES = [
    Case("apt", "docker", "a directory of .deb files", "not-a-registry", "location / { autoindex on; }", path="/debian"),
    Case("registry-portal", "docker", "a login page with 200", "captive-portal", PAGE),
    Case("a-website", "docker", "a page for every address", "not-a-registry", "types {} default_type text/html; return 200 '<html><h1>It works!</h1></html>';"),
    Case("an-index-docker", "docker", "a pip index", "not-a-registry", INDEX),
    Case("registry-down", "docker", "502: the registry behind nginx is down", "http-5xx", "location / { proxy_pass http://127.0.0.1:@closed@; }"),
    Case("registry-blocked", "docker", "403 for docker's and skopeo's User-Agent, 200 for curl", "http-403-client-blocked", 'if ($http_user_agent ~ "^(docker|skopeo)/") { return 403; }' + REGISTRY),
    Case("manifests-blocked", "docker", "403 for docker's and skopeo's User-Agent at the manifests", "http-403-client-blocked", 'if ($http_user_agent ~ "^(docker|skopeo)/") { set $who tool; } if ($request_uri ~ manifests) { set $who "${who}s"; } if ($who = tools) { return 403; }' + REGISTRY),
    Case("registry-http2-reset", "docker", "HTTP/2: a reset in the place of an answer", "connect-reset", "return 444;", http2=True),
    Case("registry-http2-garbage", "docker", "an answer that isn't HTTP/2", "malformed", url="https://localhost:@garbage-h2@"),
    Case("registry-forbidden", "docker", "403 for everyone", "http-403", "return 403;"),
    Case("registry-limit", "docker", "429", "http-429", "return 429;"),
    Case("manifests-fail", "docker", "/v2/ works, manifests answer 500", "http-5xx", "location ~ manifests { return 500; }" + REGISTRY),
    Case("token-down", "docker", "the token service is down", "token-service-failed", challenge("https://localhost:@closed@/token")),
    Case("token-fails", "docker", "the token service answers 500", "token-service-failed", challenge("https://localhost:@tokens@/fails")),
    Case("token-denies", "docker", "the token service denies", "token-refused", challenge("https://localhost:@tokens@/denies"), says="docker login localhost"),
    Case("token-account", "docker", "the token service wants an account", "token-refused", challenge("https://localhost:@tokens@/robot"), says="docker login localhost"),
    Case("token-password", "docker", "the token service doesn't take the password", "token-refused", challenge("https://localhost:@tokens@/robot"), login="robot:planted-secret-that-is-wrong", says="docker login localhost"),
    Case("token-page", "docker", "a login page in the place of tokens", "token-service-failed", challenge("https://localhost:@tokens@/login")),
    Case("token-empty", "docker", "an answer without a token", "token-service-failed", challenge("https://localhost:@tokens@/empty")),
    Case("token-other", "docker", "a token that the registry doesn't take", "http-401", challenge("https://localhost:@tokens@/other")),
    Case("token-realm", "docker", "a realm that isn't an address", "token-service-failed", challenge("harbor")),
    Case("token-name", "docker", "a realm on a host that doesn't exist", "token-service-failed", challenge("https://tokens.invalid/token")),
    Case("token-http", "docker", "a realm on http://", "token-service-failed", challenge("http://localhost:@closed@/token")),
    Case("registry-login", "docker", "401: an account is needed", "http-401", REGISTRY + "auth_basic lab; auth_basic_user_file @htpasswd@;"),
]

CERTIFICATES = [
    *tls("expired", "a certificate that expired 5 days ago", "tls-expired", certificate="expired"),
    *tls("not-yet", "a certificate that is valid in 5 days", "tls-not-yet-valid", certificate="not-yet"),
    *tls("wrong-host", "another host's certificate", "tls-hostname", certificate="wrong-host"),
    *tls("stranger", "an unknown CA, named", "tls-untrusted-ca", certificate="stranger", says="Acme"),
    Case("untrusted", "pip", "the lab's CA, which isn't trusted here", "tls-untrusted-ca", INDEX, trusted=False, says="Lab"),
    Case("incomplete", "pip", "an intermediate certificate is missing", "tls-untrusted-ca", INDEX, certificate="incomplete"),
    Case("old-pip", "pip", "TLS 1.0 and 1.1 only", "tls-protocol-too-old", INDEX, extra=OLD),
    Case("old-conda", "conda", "TLS 1.0 and 1.1 only", "tls-protocol-too-old", "location / {}", extra=OLD),
    Case("old-docker", "docker", "TLS 1.0 and 1.1 only", "tls-protocol-too-old", REGISTRY, extra=OLD, works=True, stricter="skopeo still speaks TLS 1.0, dockerd doesn't"),
    Case("no-tls", "pip", "plain HTTP on the port of HTTPS", "tls-failure", url="https://localhost:@portal@"),
    Case("tls-silent", "pip", "no answer to the TLS handshake", "tls-timeout", url="https://localhost:@no-tls@", seconds=4.0),
    Case("tls-hang-up", "pip", "an end of the connection before TLS", "connect-reset", url="https://localhost:@hang-up@"),
    Case("tls-reset", "pip", "a reset before TLS", "connect-reset", url="https://localhost:@reset-tls@"),
    Case("files-expired", "pip", "an expired certificate of the file host", "tls-expired", INDEX, path="/files-expired/simple"),
    Case("clock-ahead", "pip", "our clock is 3 days ahead", "clock-skew", INDEX, certificate="short", clock="+3d", says="3 days"),
    Case("clock-behind", "conda", "our clock is 3 days behind", "clock-skew", "location / {}", certificate="short", clock="-3d", says="3 days"),
    Case("clock-year", "pip", "our clock is in 2019", "clock-skew", INDEX, clock="@2019-01-01 00:00:00"),
]

PROXIES = [
    Case("proxy-denies", "pip", "a proxy that refuses CONNECT", "proxy-refused", INDEX, environ=proxied("proxy-denies")),
    Case("proxy-account", "pip", "a proxy that wants an account", "proxy-auth-required", INDEX, environ=proxied("proxy-login")),
    Case("proxy-wrong", "pip", "a proxy that doesn't take the password", "proxy-refused", INDEX, environ=proxied("proxy-login", "robot:planted-secret-that-is-wrong@")),
    Case("proxy-down", "pip", "a proxy where nobody listens", "proxy-unreachable", INDEX, environ=proxied("closed")),
    Case("proxy-name", "conda", "a proxy whose name doesn't exist", "proxy-unreachable", "location / {}", environ={"https_proxy": "http://proxy.invalid:3128"}),
    Case("proxy-silent", "pip", "a proxy that takes the connection and says nothing", "proxy-unreachable", INDEX, environ=proxied("no-tls"), seconds=4.0),
    Case("proxy-target", "pip", "a proxy that can't reach the mirror", "proxy-failed", url="https://localhost:@closed@", environ=proxied("proxy")),
    Case("socks-account", "uv", "a SOCKS proxy that wants an account", "proxy-auth-required", INDEX, environ=socks("socks-login")),
    Case("socks-wrong", "uv", "a SOCKS proxy that doesn't take the password", "proxy-auth-required", INDEX, environ=socks("socks-login", "robot:planted-secret-that-is-wrong@")),
    Case("socks-down", "uv", "a SOCKS proxy where nobody listens", "proxy-unreachable", INDEX, environ=socks("closed")),
    Case("socks-silent", "uv", "a SOCKS proxy that takes the connection and says nothing", "proxy-unreachable", INDEX, environ=socks("no-tls"), seconds=4.0),
    Case("socks-target", "uv", "a SOCKS proxy that can't reach the mirror", "proxy-failed", url="https://localhost:@closed@", environ=socks("socks")),
    Case("proxy-inspects", "uv", "an inspecting proxy's CA in the path", "tls-untrusted-ca", INDEX, certificate="stranger", environ=proxied("proxy"), says="Acme"),
]

LAB_HOST = "https://mirror.lab.example:@port@"
NETWORKS = [
    Case("net-healthy", "pip", "nothing: a name and an address in a network of its own", "ok", INDEX, url=LAB_HOST, network="dark", works=True, level=3),
    Case("net-dual", "pip", "nothing: dead over IPv6, alive over IPv4", "ok", INDEX, url="https://dual.lab.example:@port@", network="dark", works=True, level=3),
    Case("net-idn", "pip", "nothing: a name in Chinese", "ok", INDEX, url="https://镜像.lab.example:@port@", network="dark", works=True, level=3),
    Case("net-idn-uv", "uv", "nothing: a name in Chinese", "ok", INDEX, url="https://镜像.lab.example:@port@", network="dark", works=True, level=3),
    Case("net-black-hole", "pip", "a firewall that drops", "connect-timeout", url="https://mirror.lab.example:9101", network="dark", seconds=4.0),
    Case("net-black-hole-conda", "conda", "a firewall that drops", "connect-timeout", url="https://mirror.lab.example:9101", network="dark", seconds=4.0),
    Case("net-black-hole-docker", "docker", "a firewall that drops", "connect-timeout", url="https://mirror.lab.example:9101", network="dark", seconds=4.0),
    Case("net-reset", "pip", "a firewall that resets", "connect-refused", url="https://mirror.lab.example:9102", network="dark"),
    Case("net-unreachable", "pip", "a host that can't be reached", "unreachable", url="https://10.77.9.9", network="dark"),
    Case("net-prohibited", "docker", "a firewall that says no", "unreachable", url="https://mirror.lab.example:9103", network="dark"),
    Case("net-dns-silent", "pip", "a name server that doesn't answer", "dns-timeout", url="https://elsewhere.lab.example", network="dark", seconds=6.0),
    Case("net-slow", "pip", "nothing: a link of 256 kbit/s", "ok", INDEX, url=LAB_HOST, network="slow", works=True, level=3),
    Case("net-slow-conda", "conda", "nothing: a link of 256 kbit/s", "ok", "location / {}", url=LAB_HOST, network="slow", works=True, level=3),
]

# fmt: on
CASES = [*HEALTHY, *INDEXES, *CHANNELS, *REGISTRIES, *CERTIFICATES, *PROXIES, *NETWORKS]
