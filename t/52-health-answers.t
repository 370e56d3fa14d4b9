#!/usr/bin/perl
# gate_health: what is answered from the sidecar's table: questions, profiles, slots, details, methods.

use v5.36;
use lib 't/lib';
use Test::More;
use JSON::PP ();
use Time::HiRes ();
use Time::Local qw(timegm);
use Gatehouse;
use Gatehouse::Metrics qw(samples);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my $publisher = $t->start_publisher;
$publisher->card('statistics', '/statistics', json => '[]', max_age_ms => 3_600_000, age_ms => 5000);
$publisher->card('late', '/late', json => '[]', max_age_ms => 1000, age_ms => 5000);

# One answer a question and state in two profiles; those of `flask` are guides' own.
my @questions = qw(ready status detailed extended);
sub plain ($state, $status) {
    return map { ['answer', $_, $state, $status, 'default', 'application/json', qq({"$_":"$state"})] } @questions;
}
my @flask = (
    ['answer', 'live', 'up', 200, 'flask', 'text/plain; charset=utf-8', "alive"],
    ['answer', 'brief', 'up', 200, 'default', 'application/json', '{"brief":"up"}'],
    ['answer', 'status', 'up', 200, 'flask', 'application/json', qq({"status":"healthy","timestamp":\x01n,"version":"1"})],
    ['answer', 'extended', 'up', 200, 'flask', 'application/health+json',
        qq({"t":\x01t,"x":\x01x,"u":\x01u,"r":\x01r,"e":\x01e,"c":\x01c,"w":\x01w,"g":\x01g,"none":\x01z})]);
sub publish ($state) {
    return $publisher->health('health', ['state', $state], plain(up => 200), plain(degraded => 200), plain(down => 503), @flask);
}
publish('up');

$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    location = /live { gate_health live; }
    location = /ready { gate_health ready; error_page 503 = @busy; }
    location = /status { gate_health status; }
    location = /detailed { gate_health detailed; }
    location = /extended { gate_health extended; }
    location = /guarded { gate_health detailed details=$http_x_key; }
    location = /guarded/extended { gate_health extended details=$http_x_key; }
    location = /guarded/flask { gate_health extended profile=flask details=$http_x_key; }
    location = /flask/live { gate_health live profile=flask; }
    location = /flask/status { gate_health status profile=flask; }
    location = /flask/extended { gate_health extended profile=flask; }
    location = /other { gate_health status profile=other; }
    location = /ssi { ssi on; ssi_types *; return 200 '<!--#include virtual="/status" -->+<!--#include virtual="/flask/status" -->'; }
    location = /metrics { gate_metrics; }
    location /fails { return 500; }
    location @busy { return 404; }
}
END
my $started = time;
$t->start_nginx;

# Of every worker.
sub everywhere ($path, $body) {
    return eval { wait_for(sub { !grep { $t->get($path)->{body} ne $body } 1 .. 20 }, 5, $body) };
}

# --- questions by state ---
for my $state (qw(up degraded down)) {
    publish($state);
    ok everywhere('/status', qq({"status":"$state"})), "$state: known to every worker";
    for my $question (@questions) {
        my $answer = $t->get("/$question");
        is $answer->{body}, qq({"$question":"$state"}), "$question: the answer of that state";
        is $answer->{status}, $state eq 'down' ? 503 : 200, 'with its status, whatever error_page there is';
        is $answer->{header}{'cache-control'}, 'no-store', 'no cache keeps it';
        is $answer->{header}{'content-type'}, 'application/json', 'with its type';
    }
    my $live = $t->get('/live');
    is "$live->{status} $live->{body}", '200 {"status":"up"}', 'live: of nginx alone';
}
publish('unknown');
ok everywhere('/ready', '{"ready":"up"}'), 'a state without an answer: the first there is';
publish('up');
ok everywhere('/status', '{"status":"up"}'), 'up again';

# --- profiles ---
my $live = $t->get('/flask/live');
is "$live->{status} $live->{body}", "200 alive", 'live of a profile that has it';
is $live->{header}{'content-type'}, 'text/plain; charset=utf-8', 'with its type';
my $none = $t->get('/other');
is "$none->{status} $none->{body}", '200 {"status":"up","sidecar":"up"}', 'a profile that is none: nginx answers by itself';
like $t->log_text('error.log'), qr/\[warn\] .*gatehouse: the sidecar has no health profile "other" with an answer to "status"; nginx answers by itself/,
    'and says so';

# --- slots ---
sub unix_of ($text) {
    my ($year, $month, $day, $hour, $minute, $second) = $text =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d\.\d{6})$/ or return -1;
    return timegm(0, $minute, $hour, $day, $month - 1, $year) + $second;
}
my $before = Time::HiRes::time();
my $told = JSON::PP::decode_json($t->get('/flask/status')->{body});
my $after = Time::HiRes::time();
my $at = unix_of($told->{timestamp});
ok $at >= $before - 0.001 && $at <= $after + 0.001, "timestamp without zone: $told->{timestamp}" or diag "$before $after";

my $first = JSON::PP::decode_json($t->get('/flask/extended')->{body});
is $first->{none}, undef, 'a slot that is none is null';
$t->get('/fails') for 1 .. 3;
$t->get('/live') for 1 .. 7;
# Requests are summed up once a second.
my $slots = wait_for(sub {
    my $now = JSON::PP::decode_json($t->get('/flask/extended')->{body});
    return $now->{e} == $first->{e} + 3 && $now;
}, 10, 'three more errors');
cmp_ok $slots->{r}, '>=', $first->{r} + 10, "requests: $slots->{r}";
my $metrics = samples($t->get('/metrics')->{body});
my $requests = 0;
$requests += $metrics->{$_} for grep { /^http_requests_total/ } keys %$metrics;
cmp_ok $slots->{r}, '<=', $requests, 'no more than the metrics have';
my ($utc) = $slots->{t} =~ /^(.*)Z$/;
cmp_ok abs(unix_of($utc) - $slots->{x}), '<', 0.01, 'timestamp and Unix time agree';
cmp_ok abs($slots->{x} - Time::HiRes::time()), '<', 5, 'with the clock, too';
my $uptime = $slots->{x} - $metrics->{gatehouse_start_time_seconds};
cmp_ok abs($slots->{u} - $uptime), '<', 0.01, "uptime: $slots->{u} s";
cmp_ok $slots->{u}, '<=', time - $started + 1, 'since nginx was started';
cmp_ok $slots->{c}, '>=', 1, 'connections';
is $slots->{w}, 0, 'WebSockets';

my $own = $slots->{g};
is $own->{workers}, 2, 'workers';
cmp_ok $own->{connections}{active}, '>=', 1, 'connections by state';
is_deeply [sort keys %{$own->{connections}}], [qw(active reading waiting writing)], 'all four';
is $own->{sidecar}{state}, 'up', 'the sidecar';
cmp_ok $own->{sidecar}{since_seconds}, '<=', time - $started + 1, 'since when';
is_deeply [sort keys %{$own->{cards}}], [qw(late statistics)], 'cards';
my $age = $own->{cards}{statistics}{age_seconds};
cmp_ok $age, '>=', 5, "age: $age s";
cmp_ok $age, '<=', 5 + time - $started + 2, 'is no more than it can be';
ok !$own->{cards}{statistics}{stale}, 'fresh';
ok $own->{cards}{late}{stale}, 'stale';

# --- details ---
for my $path ('/guarded', '/guarded/extended') {
    is $t->get($path)->{body}, '{"brief":"up"}', "$path: without details for anybody";
    is $t->get($path, 'X-Key' => '0')->{body}, '{"brief":"up"}', '"0": nor then';
}
is $t->get('/guarded', 'X-Key' => 'k')->{body}, '{"detailed":"up"}', 'with details for who may see them';
is $t->get('/guarded/extended', 'X-Key' => 'k')->{body}, '{"extended":"up"}', 'with figures, too';
is $t->get('/guarded')->{body}, '{"brief":"up"}', 'both rows are remembered apart';
is $t->get('/guarded/flask')->{body}, '{"status":"up","sidecar":"up"}', 'a table without brief answers: nginx has its own, and not those of status';

# --- methods ---
my $get = $t->get('/status');
my $head = $t->head('/status');
is "$head->{status} $head->{body}", '200 ', 'HEAD has no body';
is $head->{header}{'content-length'}, length $get->{body}, 'but says how long it would be';
for my $method (qw(POST PUT DELETE OPTIONS FOO)) {
    my $answer = $t->request({method => $method, path => '/status', body => 'x' x 10_000});
    is $answer->{status}, 405, "$method is not allowed";
    is $answer->{header}{allow}, 'GET, HEAD', 'and the answer says what is';
}
is $t->get('/status', 'If-Unmodified-Since' => 'Thu, 01 Jan 1970 00:00:00 GMT')->{status}, 200, 'conditions change nothing';
like $t->get('/ssi')->{body}, qr/^\{"status":"up"\}\+\{"status":"healthy","timestamp":"[^"]+","version":"1"\}$/, 'also in a subrequest';

# --- 100 at once, while tables come ---
my @clients = map { $t->http(0, keepalive => 1) } 1 .. 100;
my %seen;
for my $round (1 .. 5) {
    my $state = $round % 2 ? 'degraded' : 'up';
    publish($state);
    $_->connect for grep { !$_->{socket} } @clients;
    $_->send("GET /flask/extended HTTP/1.1\r\nHost: a\r\n\r\n") for @clients;
    ++$seen{$_->read_response->{status}} for @clients;
    $_->send("GET /status HTTP/1.1\r\nHost: a\r\n\r\n") for @clients;
    ++$seen{$_->read_response->{body}} for @clients;
}
is delete $seen{200}, 500, '500 answers to 100 clients';
is_deeply [sort keys %seen], [grep { $seen{$_} } '{"status":"degraded"}', '{"status":"up"}'], 'each of them whole and of one state';

# --- reload ---
publish('degraded');
ok everywhere('/status', '{"status":"degraded"}'), 'degraded';
$t->reload_nginx;
is $t->get('/status')->{body}, '{"status":"degraded"}', 'new workers know it from their first request on';
my $later = JSON::PP::decode_json($t->get('/flask/extended')->{body});
cmp_ok $later->{u}, '>=', $slots->{u}, 'uptime goes on over a reload';
cmp_ok $later->{r}, '>=', $slots->{r}, 'and so does the count of requests';

# --- what is no table ---
my $refused = qq("sidecar":"up","message":"what the sidecar tells of health cannot be read: see nginx's error log"});
publish('up');
ok everywhere('/status', '{"status":"up"}'), 'up';
$publisher->table('health', 'nonsense');
ok everywhere('/status', qq({"status":"degraded",$refused)), 'what cannot be read is not up, and says why';
like $t->log_text('error.log'), qr/the table "health" is refused: health table: shorter than its header/, 'so does the log';
is $t->get('/ready')->{status}, 200, 'it is ready, as ever when degraded';
my $unread = $t->get('/metrics')->{body};
like $unread, qr/^gatehouse_health_status\{state="degraded"\} 1$/m, 'a metric says so';
unlike $unread, qr/^gatehouse_health_check_up\{/m, 'and nothing of the checks';
publish('down');
ok everywhere('/status', '{"status":"down"}'), 'the next one that can be read holds';
$publisher->table('health', 'nonsense');
ok everywhere('/ready', qq({"status":"down",$refused)), 'what was down is not better for it';
is $t->get('/ready')->{status}, 503, 'and not ready';
publish('up');
ok everywhere('/status', '{"status":"up"}'), 'up again';

$t->done;
