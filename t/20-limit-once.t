#!/usr/bin/perl
# A request is charged once, however it is sent round, and subrequests never; who is refused is charged nowhere.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');

mkdir $t->dir($_) for qw(html html/index);
$t->write_file('html/page.html', 'a page');
$t->write_file('html/index/index.html', 'an index');
$t->write_file('html/ssi.shtml', join '', map { qq{<!--#include virtual="/sub/$_" -->} } 1 .. 5);
$t->nginx_conf(<<'END');
gate_limit_zone $http_k zone=a:1m quota=1000/hour window=fixed;
gate_limit_zone $http_k zone=one:1m quota=1/hour;
gate_limit_zone $http_k zone=late:1m quota=2/hour;
gate_limit_zone $http_k zone=plan:1m quota=$http_q window=fixed;
gate_limit_zone all zone=slow:1m rate=1r/m;
recursive_error_pages on;
log_subrequest on;
server {
    listen 127.0.0.1:%%PORT%%;
    root %%DIR%%/html;
    gate_limit zone=a;
    location / { try_files /none =404; }
    location = /probe { empty_gif; }
    location = /page.html { }
    location = /off { gate_limit off; ssi on; alias %%DIR%%/html/ssi.shtml; ssi_types *; }
    location = /missing { error_page 404 /page.html; try_files /none =404; }
    location = /missing-to-off { error_page 404 /gone; try_files /none =404; }
    location = /gone { gate_limit off; return 410 gone; }
    location = /chain { error_page 404 /chain2; try_files /none =404; }
    location = /chain2 { error_page 403 = @named; deny all; }
    location @named { root html; empty_gif; }
    location = /named { error_page 502 = @named; proxy_pass http://127.0.0.1:1; }
    location = /try { try_files /none /none2 /page.html; }
    location = /try-named { try_files /none @named; }
    location /index/ { }
    location = /rewrite { rewrite ^ /probe last; }
    location = /accel { proxy_pass http://127.0.0.1:%%PORT1%%/accel; }
    location = /auth { auth_request /sub/auth; empty_gif; }
    location = /auth-off { gate_limit off; auth_request /sub/auth; empty_gif; }
    location = /ssi { ssi on; ssi_types *; alias %%DIR%%/html/ssi.shtml; }
    location = /mirror { mirror /sub/mirror; empty_gif; }
    location = /add { add_after_body /sub/after; addition_types *; alias %%DIR%%/html/page.html; }
    location /sub/ { gate_limit zone=a; gate_limit zone=slow burst=1; return 200; }
    location = /two { gate_limit zone=a; gate_limit zone=one; empty_gif; }
    location = /owt { gate_limit zone=one; gate_limit zone=a; empty_gif; }
    location = /late { gate_limit zone=a; gate_limit zone=late stage=identity; empty_gif; }
    location = /plan { gate_limit zone=plan; empty_gif; }
    location = /dry { gate_limit zone=one; gate_limit zone=a; gate_limit_dry_run on; empty_gif; }

    location = /to-page { gate_limit zone=one; gate_limit_headers both; error_page 429 /page.html; empty_gif; }
    location = /to-named { gate_limit zone=one; error_page 429 = @instead; empty_gif; }
    location @instead { default_type text/plain; gate_limit zone=a; return 429 "slow down, $gate_limit_status, $gate_limit_zone\n"; }
    location = /to-app { gate_limit zone=one; error_page 429 /app; empty_gif; }
    location = /app { internal; proxy_pass http://127.0.0.1:%%PORT1%%/app; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location /accel { add_header X-Accel-Redirect /page.html; return 204; }
    location /app { add_header RateLimit '"app";r=1'; add_header Retry-After 1; return 200 "app\n"; }
}
END
$t->start_nginx;

my $client = 0;

sub remaining ($key) { return $t->get('/probe', K => $key)->{header}{ratelimit} =~ /;r=(\d+)/ ? $1 : 'none' }

sub charged ($path, $times = 1, %headers) {
    my $key = 'k' . ++$client;
    my $before = remaining($key);
    my @statuses = map { $t->get($path, K => $key, %headers)->{status} } 1 .. $times;
    return ($before - remaining($key) - 1, @statuses);
}

for (
    ['/probe', 200], ['/none', 404], ['/page.html', 200], ['/missing', 404], ['/missing-to-off', 404], ['/chain', 200], ['/named', 200],
    ['/try', 200], ['/try-named', 200], ['/index/', 200], ['/rewrite', 200], ['/accel', 200], ['/auth', 200],
    ['/ssi', 200], ['/mirror', 200], ['/add', 200]) {
    my ($path, $status) = @$_;
    is_deeply [charged($path)], [1, $status], "$path: charged once";
}
for (['/gone', 410], ['/auth-off', 200], ['/off', 200]) {
    my ($path, $status) = @$_;
    is_deeply [charged($path)], [0, $status], "$path: neither charged nor its subrequests";
}
for my $method (qw(HEAD OPTIONS)) {
    my $key = 'k' . ++$client;
    $t->request({method => $method, path => '/probe', headers => {K => $key}});
    is remaining($key), 998, "$method is charged";
}

subtest 'all or nothing' => sub {
    is_deeply [charged('/two', 4)], [1, 200, 429, 429, 429], 'refused by the second zone: nothing charged in the first';
    is_deeply [charged('/owt', 4)], [1, 200, 429, 429, 429], 'and the other way round';
    is_deeply [charged('/late', 5)], [2, 200, 200, 429, 429, 429], 'refused at a later stage: what was charged before is given back';
    is_deeply [charged('/dry', 4)], [1, 200, 200, 200, 200], 'a dry run charges what it would without';
    my @statuses = map { $t->get('/plan', K => 'w', Q => '10/minute; 3/hour')->{status} } 1 .. 20;
    is_deeply \@statuses, [(200) x 3, (429) x 17], 'several windows';
    my $r = $t->get('/plan', K => 'w', Q => '10/minute');
    is $r->{header}{ratelimit} =~ s/;t=.*//r, '"10/minute";r=6', 'the refusals by the hour cost the minute nothing';
    @statuses = map { $t->get('/plan', K => 'x', Q => $_)->{status} } ('2/minute; 2/hour') x 3, '3/hour', '3/minute';
    is_deeply \@statuses, [200, 200, 429, 200, 200], 'nor those by the minute the hour';
};

subtest 'error_page' => sub {
    my $refused = sub ($path) {
        my $key = 'k' . ++$client;
        $t->get('/two', K => $key);
        return $t->get($path, K => $key);
    };
    my $r = $refused->('/to-page');
    is "$r->{status} $r->{body}", '429 a page', 'a page';
    like $r->{header}{ratelimit}, qr/^"1\/hour";r=0;t=\d+$/;
    is $r->{header}{'ratelimit-policy'}, '"1/hour";q=1;w=3600';
    like $r->{header}{'retry-after'}, qr/^3[56]\d\d$/;
    is $r->{header}{'x-ratelimit-limit'}, undef, 'in the style of the location that answers';
    $r = $refused->('/to-named');
    is "$r->{status} $r->{body}", "429 slow down, REJECTED, one\n", 'a named location';
    like $r->{header}{ratelimit}, qr/^"1\/hour";r=0;t=\d+$/;
    like $r->{header}{'retry-after'}, qr/^3[56]\d\d$/;
    $r = $refused->('/to-app');
    is "$r->{status} $r->{body}", "429 app\n", 'an app';
    like $r->{header}{ratelimit}, qr/^"1\/hour";r=0;t=\d+$/, 'its own field is replaced';
    like $r->{header}{'retry-after'}, qr/^3[56]\d\d$/;
};

$t->done;
