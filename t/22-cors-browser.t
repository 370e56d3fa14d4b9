#!/usr/bin/perl
# gate_cors asked of a real browser: which requests a page of another origin may send, and what it can read of the answers.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'module is not built' if !$t->built('module');
chomp(my $browser = qx(command -v chromium || command -v chromium-browser || command -v google-chrome) // '');
plan skip_all => 'no browser' if $browser eq '';

my $api = 'http://127.0.0.1:' . $t->port(1);
mkdir $t->dir('html');
$t->write_file('html/page.html', <<"END");
<!doctype html><div id="out"></div>
<script>
const out = document.getElementById('out');
const ask = (name, path, options, of = r => r.status) => fetch('$api' + path, options).then(of).catch(() => 'refused')
    .then(value => { out.textContent += name + '=' + value + '|' });
(async () => {
    await ask('simple', '/api/');
    await ask('json', '/api/', {method: 'POST', headers: {'Content-Type': 'application/json', Authorization: 'Bearer x'}, body: '{}'});
    await ask('put', '/api/', {method: 'PUT'});
    await ask('header', '/api/', {headers: {'X-Other': '1'}});
    await ask('cookies', '/api/', {credentials: 'include'});
    await ask('with', '/with/', {credentials: 'include', method: 'PUT', headers: {'X-Other': '1'}});
    await ask('refusal', '/refusal/');
    await ask('retry', '/refusal/', {}, r => r.status + ' ' + (r.headers.get('Retry-After') > 0) + ' ' + r.headers.get('RateLimit-Policy'));
    await ask('down', '/down/');
    await ask('none', '/none/');
    await ask('others', '/others/');
    await ask('all', '/all/', {method: 'DELETE', headers: {'X-Other': '1'}});
})();
</script>
END
$t->nginx_conf(<<'END');
gate_limit_zone $host zone=one:1m quota=1/hour;
log_format method '$request_method $uri';
server { listen 127.0.0.1:%%PORT%%; root %%DIR%%/html; types { text/html html; } }
server {
    listen 127.0.0.1:%%PORT1%%;
    location /api/ { gate_cors origin=http://127.0.0.1:%%PORT%%; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /with/ { gate_cors origin=http://127.0.0.1:%%PORT%% credentials methods=* headers=*; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /refusal/ { gate_cors origin=http://127.0.0.1:%%PORT%%; gate_limit zone=one; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /down/ { gate_cors origin=http://127.0.0.1:%%PORT%%; proxy_pass http://127.0.0.1:1; error_page 502 /page; }
    location /none/ { proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /others/ { gate_cors origin=http://localhost:%%PORT%%; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /all/ { gate_cors origin=* methods=DELETE headers=*; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /page { return 503; }
}
server { listen 127.0.0.1:%%PORT2%%; access_log logs/app.log method; location / { add_header Access-Control-Allow-Origin http://app.example; return 200; } }
END
$t->start_nginx;

my ($exit, $page, $log) = $t->run_program([$browser, '--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=10000',
    '--user-data-dir=' . $t->dir('browser'), '--dump-dom', 'http://127.0.0.1:' . $t->port . '/page.html'], timeout => 60);
my ($said) = $page =~ m{<div id="out">(.*?)</div>}s or diag $page, $log;
is_deeply {map { split /=/, $_, 2 } split /\|/, $said // ''}, {
    simple => 200, json => 200, put => 'refused', header => 'refused', cookies => 'refused', with => 200, refusal => 200,
    retry => '429 true "1/hour";q=1;w=3600', down => 503, none => 'refused', others => 'refused', all => 200,
}, 'what a page can ask and read';
$t->stop_nginx;
unlike $t->log_text('app.log'), qr/OPTIONS/, 'the app saw no preflight';
like $t->log_text('app.log'), qr{^PUT /with/$}m, 'but the request that was granted';
$t->done;
