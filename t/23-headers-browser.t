#!/usr/bin/perl
# What the presets of gate_headers let a page do, asked of a real browser.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new;
plan skip_all => 'module is not built' if !$t->built('module');
chomp(my $browser = qx(command -v chromium || command -v chromium-browser || command -v google-chrome) // '');
plan skip_all => 'no browser' if $browser eq '';

# Each attempt ends as "name=value" in #out.
mkdir $t->dir('html');
$t->write_file('html/page.html', <<'END');
<!doctype html><style>#box{width:123px}</style><div id="box" style="height:45px"></div><div id="out"></div>
<script nonce="%CSP%">
const out = document.getElementById('out');
const say = (name, value) => { out.textContent += name + '=' + value + ';' };
const box = getComputedStyle(document.getElementById('box'));
say('style', box.width); say('attribute', box.height);
const image = (name, url) => { const i = new Image(); i.onload = () => say(name, 'ok'); i.onerror = () => say(name, 'no'); i.src = url };
const canvas = document.createElement('canvas');
image('data', canvas.toDataURL());
canvas.toBlob(blob => image('blob', URL.createObjectURL(blob)));
fetch('/data.json').then(r => r.text()).then(text => say('fetch', text)).catch(() => say('fetch', 'no'));
fetch('http://localhost:1/').catch(() => 0);
document.addEventListener('securitypolicyviolation', e => { if (e.blockedURI.startsWith('http://localhost:1')) say('elsewhere', 'no') });
try { const socket = new WebSocket('ws://' + location.host + '/data.json'); socket.onerror = () => say('websocket', 'asked') } catch { say('websocket', 'no') }
const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(0)'])));
worker.onmessage = () => say('worker', 'ok'); worker.onerror = () => say('worker', 'no');
</script>
<script>say('foreign', 'ran')</script>
<script src="/own.js"></script>
END
$t->write_file('html/own.js', "say('own', 'ran')");
$t->write_file('html/data.json', '[1]');
$t->nginx_conf(<<'END');
types { text/html html; text/javascript js; application/json json; }
sub_filter %CSP% $gate_csp_nonce;
server {
    listen 127.0.0.1:%%PORT%%;
    root %%DIR%%/html;
    location /dashboard/ { gate_headers dashboard; alias %%DIR%%/html/; }
    location /strict/ { gate_headers strict; alias %%DIR%%/html/; }
}
END
$t->start_nginx;

sub visit ($path) {
    my ($exit, $page, $log) = $t->run_program([$browser, '--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=5000',
        '--user-data-dir=' . $t->dir('browser'), '--dump-dom', 'http://127.0.0.1:' . $t->port . $path], timeout => 60);
    my ($said) = $page =~ m{<div id="out">(.*?)</div>}s or diag $page, $log;
    return {map { split /=/, $_, 2 } split /;/, $said // ''};
}

is_deeply visit('/dashboard/page.html'), {
    style => '123px', attribute => '45px', data => 'ok', blob => 'ok', fetch => '[1]', websocket => 'asked', worker => 'ok', own => 'ran', elsewhere => 'no',
}, 'dashboard: charts work, foreign scripts and addresses do not';
my $strict = visit('/strict/page.html');
isnt delete $strict->{style}, '123px', 'strict: no styles without the nonce';
is_deeply $strict, {
    attribute => '0px', data => 'no', blob => 'no', fetch => '[1]', websocket => 'asked', worker => 'no', own => 'ran', elsewhere => 'no',
}, 'nothing but what is the own origin\'s or has the nonce';
$t->done;
