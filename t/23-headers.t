#!/usr/bin/perl
# gate_headers and gate_header on responses: presets, every status, in place of the app's own, TLS, the nonce.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'module is not built' if !$t->built('module');
my $dir = $t->dir;
mkdir "$dir/html";
$t->write_file("html/$_", $_) for qw(file.txt error.html);
$t->write_file('html/page.html', '<script nonce="%CSP%"></script><!--# echo var="gate_csp_nonce" --><!--# include virtual="/part" -->');
$t->write_file('html/part', '<!--# echo var="gate_csp_nonce" -->');
my $tls = system("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        . "-keyout $dir/key.pem -out $dir/cert.pem 2>/dev/null") == 0 ? '%%PORT2%% ssl http2; ssl_certificate cert.pem; ssl_certificate_key key.pem' : '%%PORT2%%';
$t->nginx_conf(<<"END");
gate_limit_zone \$http_k zone=once:1m quota=1/hour;
server {
    listen 127.0.0.1:%%PORT%%;
    listen 127.0.0.1:$tls;
    root %%DIR%%/html;
    location /strict { gate_headers strict; return 200; }
    location /dashboard { gate_headers dashboard; return 200; }
    location /embed { gate_headers embed; return 200; }
    location /app { gate_headers strict; gate_header Server off; gate_header X-Own mine; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /embed-app { gate_headers embed; proxy_pass http://127.0.0.1:%%PORT1%%/app; }
    location /added { gate_header X-Own mine; add_header x-own added always; add_header X-Other added always; return 200; }
    location /server { gate_header Server "Gate \$arg_v"; gate_header Strict-Transport-Security "max-age=\$arg_v"; return 200; }
    location /variable { gate_header X-Own "a\$arg_v"; gate_header X-Raw \$arg_v; gate_header X-Path \$uri; return 200; }
    location /page.html { gate_headers strict; ssi on; sub_filter %CSP% \$gate_csp_nonce; sub_filter_types *; }
    location /part { ssi on; ssi_types *; }
    location /file.txt { gate_headers strict; gate_header X-Nonce \$gate_csp_nonce; gate_header Content-Security-Policy-Report-Only "script-src 'nonce-\${gate_csp_nonce}'"; }
    location /guarded {
        gate_header X-Own mine;
        location = /guarded/403 { deny all; }
        location = /guarded/404 { }
        location = /guarded/413 { client_max_body_size 1; proxy_pass http://127.0.0.1:1; }
        location = /guarded/429 { gate_limit zone=once; empty_gif; }
        location = /guarded/502 { proxy_pass http://127.0.0.1:1; }
        location = /guarded/page { proxy_pass http://127.0.0.1:1; error_page 502 /plain/error.html; }
        location = /guarded/named { return 404; error_page 404 = \@named; }
    }
    location /plain/ { alias %%DIR%%/html/; }
    location \@named { return 503; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location /app {
        add_header x-frame-options ALLOWALL; add_header X-Content-Type-Options none; add_header X-Content-Type-Options none;
        add_header Content-Security-Policy "default-src *"; add_header Strict-Transport-Security max-age=1; add_header X-Powered-By Flask;
        add_header X-Own app; add_header X-Else app; return 200;
    }
}
END
$t->start_nginx;

sub values_of ($r, $name) { return join '|', map { $_->[1] } grep { lc $_->[0] eq lc $name } @{$r->{headers}} }

my $nonce = qr{[A-Za-z0-9+/]{24}};  # 18 bytes, 144 bits

subtest 'presets' => sub {
    my %expected = (
        strict => {
            'X-Content-Type-Options' => 'nosniff', 'X-Frame-Options' => 'DENY', 'Referrer-Policy' => 'no-referrer',
            'Cross-Origin-Opener-Policy' => 'same-origin', 'Cross-Origin-Embedder-Policy' => 'require-corp',
            'Cross-Origin-Resource-Policy' => 'same-origin', 'X-Permitted-Cross-Domain-Policies' => 'none',
        },
        dashboard => {
            'X-Content-Type-Options' => 'nosniff', 'X-Frame-Options' => 'SAMEORIGIN', 'Referrer-Policy' => 'strict-origin-when-cross-origin',
            'Cross-Origin-Opener-Policy' => 'same-origin-allow-popups', 'Cross-Origin-Embedder-Policy' => '', 'Cross-Origin-Resource-Policy' => 'same-site',
        },
        embed => {'X-Content-Type-Options' => 'nosniff', 'X-Frame-Options' => '', 'Cross-Origin-Resource-Policy' => 'cross-origin', 'Cross-Origin-Embedder-Policy' => ''},
    );
    my %policy = (strict => {}, dashboard => {}, embed => {});
    for my $preset (sort keys %expected) {
        my $r = $t->get("/$preset");
        is values_of($r, $_), $expected{$preset}{$_}, "$preset: $_" for sort keys %{$expected{$preset}};
        is values_of($r, 'Strict-Transport-Security'), '', 'nothing of TLS over plain HTTP';
        like values_of($r, 'Permissions-Policy'), qr/^(?:[a-z-]+=\(\), )*[a-z-]+=\(\)$/, 'features that nobody needs';
        like values_of($r, 'Permissions-Policy'), qr/\b$_=\(\)/, $_ for qw(camera microphone geolocation);
        $policy{$preset}{(split ' ', $_, 2)[0]} = (split ' ', $_, 2)[1] for split /; /, values_of($r, 'Content-Security-Policy');
    }
    is $policy{strict}{$_->[0]}, $_->[1], "strict: $_->[0]" for ['default-src', q('self')], ['object-src', q('none')], ['frame-ancestors', q('none')];
    like $policy{$_}{'script-src'}, qr/^'self' 'nonce-$nonce'$/, "$_: scripts" for sort keys %policy;
    is $policy{dashboard}{$_->[0]}, $_->[1], "dashboard: $_->[0]" for ['style-src', q('self' 'unsafe-inline')], ['connect-src', q('self')], ['frame-ancestors', q('self')];
    ok !exists $policy{embed}{'frame-ancestors'}, 'embed: any frame';
};

subtest 'over TLS' => sub {
    plan skip_all => 'openssl makes no certificate' if $tls !~ /ssl/;
    my $ask = sub ($path, $version) { scalar qx(curl -ski $version https://127.0.0.1:@{[$t->port(2)]}$path) };
    for my $version ('--http1.1', '--http2') {
        like $ask->('/strict', $version), qr/^strict-transport-security: max-age=31536000; includeSubDomains\r$/mi, "strict, $version";
        like $ask->('/dashboard', $version), qr/^strict-transport-security: max-age=31536000\r$/mi, 'dashboard';
        like $ask->('/server?v=3', $version), qr/^strict-transport-security: max-age=3\r$/mi, 'one of its own';
        like $ask->('/server?v=3', $version), qr/^server: Gate 3\r$/mi, 'Server';
        my $app = $ask->('/app', $version);
        is scalar(() = $app =~ /^x-content-type-options:/mig), 1, 'one field a name';
        unlike $app, qr/^server:/mi, 'no Server';
    }
    is values_of($t->get('/server?v=3'), 'Strict-Transport-Security'), '', 'never over plain HTTP';
};

subtest 'an app' => sub {
    my $r = $t->get('/app');
    my %own = ('X-Frame-Options' => 'DENY', 'X-Content-Type-Options' => 'nosniff', 'X-Powered-By' => '', 'X-Own' => 'mine', 'X-Else' => 'app',
        'Strict-Transport-Security' => '', Server => '');
    is values_of($r, $_), $own{$_}, $_ for sort keys %own;
    unlike values_of($r, 'Content-Security-Policy'), qr/\*|\|/, 'one policy, ours';
    $r = $t->get('/embed-app');
    is values_of($r, 'X-Frame-Options') . values_of($r, 'X-Own'), 'app', 'embed removes X-Frame-Options; what is not named stays';
    $r = $t->get('/added');
    is values_of($r, 'X-Own') . ' ' . values_of($r, 'X-Other'), 'mine added', 'add_header has its say before';
    is values_of($t->get('/server?v=1'), 'Server'), 'Gate 1', 'Server';
};

subtest 'every status' => sub {
    $t->get('/guarded/429', K => 'k');
    for my $status (403, 404, 413, 429, 502) {
        my $r = $t->request({method => $status == 413 ? 'POST' : 'GET', path => "/guarded/$status", body => $status == 413 ? 'xx' : undef, headers => {K => 'k'}});
        is "$r->{status} " . values_of($r, 'X-Own'), "$status mine";
    }
    for my $case (['page', 502], ['named', 503]) {
        my $r = $t->get("/guarded/$case->[0]");
        is "$r->{status} " . values_of($r, 'X-Own'), "$case->[1] mine", "an error $case->[0] elsewhere";
    }
    is values_of($t->get('/plain/error.html'), 'X-Own'), '', 'which says nothing of its own requests';
    is values_of($t->head('/strict'), 'X-Frame-Options'), 'DENY', 'HEAD';
};

subtest 'the nonce' => sub {
    my %seen;
    for (1 .. 200) {
        my $r = $t->get('/page.html');
        my ($n) = values_of($r, 'Content-Security-Policy') =~ /script-src 'self' 'nonce-($nonce)'/;
        is $r->{body}, qq(<script nonce="$n"></script>$n$n), 'in header, sub_filter, SSI and a part of it' if $_ == 1;
        last if !ok defined $n && !$seen{$n}++ && $r->{body} =~ /nonce="\Q$n\E"/;
    }
    is keys %seen, 200, 'never the same twice';
    my $r = $t->get('/file.txt');
    my ($n) = values_of($r, 'X-Nonce');
    is values_of($r, 'Content-Security-Policy-Report-Only'), "script-src 'nonce-$n'", 'report-only';
    like values_of($r, 'Content-Security-Policy'), qr/'nonce-\Q$n\E'.*'nonce-\Q$n\E'/, 'beside the policy in force';
    $r = $t->get('/file.txt', 'If-None-Match' => values_of($r, 'ETag'));
    is "$r->{status} " . values_of($r, 'X-Frame-Options'), '304 DENY', 'a 304 has the fields';
    is values_of($r, $_), '', "but not $_: the body that the client has has another nonce" for qw(Content-Security-Policy Content-Security-Policy-Report-Only X-Nonce);
};

subtest 'values of variables' => sub {
    my $r = $t->get('/variable?v=b');
    is values_of($r, 'X-Own') . values_of($r, 'X-Raw'), 'abb';
    $r = $t->get('/variable');
    is values_of($r, 'X-Own') . '|' . join(',', grep { /^x-raw$/i } map { $_->[0] } @{$r->{headers}}), 'a|', 'an empty one is not sent';
    for my $break ('%0d%0a', '%0a', '%0d') {
        my $r = $t->get("/variable/${break}X-Injected:%20yes");
        is "$r->{status} " . values_of($r, 'X-Path') . values_of($r, 'X-Injected') . values_of($r, 'X-Own'), '200 a', "$break splits nothing";
    }
    my @lines = $t->log_text('error.log') =~ /\[error\].*"gate_header X-Path" is left out, its value has a line break/g;
    is @lines, 1, 'and is logged once';
};

$t->done;
