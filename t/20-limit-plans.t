#!/usr/bin/perl
# Limits that depend on the request: rate=, quota=, cost= and skip= by variables, count=status, count=miss, stage=identity.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');

my $publisher = $t->start_publisher;
$publisher->card('card', '/board/card', json => '{"generation":1}');
$t->write_file('users', "me:{PLAIN}secret\n");
$t->nginx_conf(<<'END');
map $http_plan $quota { gold 100/minute; silver "10/minute; 3/hour"; free 2/hour; broken 5/fortnight; other "none at all"; none ""; default 1/hour; }
map $http_plan $rate { fast 1000r/s; slow 1r/m; broken 1; default ""; }
gate_limit_zone $http_k zone=quota:1m quota=$quota window=fixed;
gate_limit_zone $http_k zone=rate:1m rate=$rate;
gate_limit_zone $http_k zone=free:1m quota=$http_q window=fixed;
gate_limit_zone $http_k zone=cost:1m quota=10/hour window=fixed;
gate_limit_zone $http_k zone=costrate:1m rate=1r/m;
gate_limit_zone $http_k zone=failures:1m quota=3/hour window=fixed;
gate_limit_zone $http_k zone=misses:1m quota=2/hour window=fixed;
gate_limit_zone $remote_user zone=user:1m quota=2/hour window=fixed;
keepalive_requests 100000;
server {
    listen 127.0.0.1:%%PORT%%;
    location = /quota { gate_limit zone=quota; empty_gif; }
    location = /rate { gate_limit zone=rate burst=2 nodelay; empty_gif; }
    location = /free { gate_limit zone=free; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /cost { gate_limit zone=cost cost=$http_cost; empty_gif; }
    location = /costs3 { gate_limit zone=cost cost=3; empty_gif; }
    location = /costrate { gate_limit zone=costrate burst=4 nodelay cost=$http_cost; empty_gif; }
    location = /skip { gate_limit zone=cost skip=$http_skip; empty_gif; }
    location = /failures { gate_limit zone=failures count=status:401,403,5xx; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /denied { gate_limit zone=failures count=status:401,403,5xx; deny all; }
    location /board/ { gate_limit zone=misses count=miss; gate_board on; try_files /none @app; }
    location @app { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /user { gate_limit zone=user stage=identity; auth_basic hi; auth_basic_user_file %%DIR%%/users; empty_gif; }
}
server {
    listen 127.0.0.1:%%PORT1%%; access_log off;
    location / { if ($http_status) { return 403; } empty_gif; }
    location = /failures { if ($http_status = 401) { return 401; } if ($http_status = 500) { return 500; } if ($http_status = 404) { return 404; } empty_gif; }
}
END
$t->start_nginx;
$t->wait_in_step;

my $client = 0;
sub key () { return 'k' . ++$client }
sub statuses ($path, $count, %headers) { return join ' ', map { $t->get($path, %headers)->{status} } 1 .. $count }
sub field ($path, %headers) { return ($t->get($path, %headers)->{header}{ratelimit} // 'none') =~ s/;t=.*//r }
sub logged ($pattern) { return scalar grep { /$pattern/ } split /\n/, $t->log_text('error.log') }

subtest 'plans' => sub {
    my $k = key;
    is $t->get('/quota', K => $k, Plan => 'gold')->{header}{'ratelimit-policy'}, '"100/minute";q=100;w=60', 'by a map';
    my $r = $t->get('/quota', K => key, Plan => 'silver');
    is $r->{header}{'ratelimit-policy'}, '"10/minute";q=10;w=60, "3/hour";q=3;w=3600', 'two windows';
    is statuses('/quota', 3, K => key, Plan => 'free'), '200 200 429';
    is statuses('/quota', 3, K => key), '200 429 429', 'default';
    is statuses('/quota', 9, K => key, Plan => 'none'), join(' ', (200) x 9), 'an empty plan limits nothing';
    is field('/quota', K => key, Plan => 'none'), 'none', 'and shows nothing';
    is statuses('/quota', 5, K => key, Plan => $_), '200 200 200 200 200', "malformed: $_" for qw(broken other);
    is logged(qr/\[error\] .*limit zone "quota": "5\/fortnight" is no quota.*requests with this value are not limited/), 1, 'is logged once';
    is logged(qr/"none at all" is no quota/), 1, 'for each value';
    is statuses('/rate', 5, K => key, Plan => 'slow'), '200 200 200 429 429', 'a rate, with the burst of the location';
    is $t->get('/rate', K => key, Plan => 'fast')->{header}{'ratelimit-policy'}, '"1000r/s";q=3;w=1', 'its name';
    is statuses('/rate', 5, K => key, Plan => $_), '200 200 200 200 200', "no rate: $_" for qw(broken none);
};

subtest 'thousands of plans' => sub {
    my $slow = $t->http->connect;  # under way while its plan is forgotten: the rest of the body is to come
    my $headers = {K => 'slow', Q => '7/hour; 77/day', 'Content-Length' => 2};
    $slow->send($slow->format({method => 'POST', path => '/free', headers => $headers}) . 'x');
    my $http = $t->http(0, keepalive => 1);
    for my $n (1 .. 2500) {
        my $policy = $http->get('/free', K => "n$n", Q => "$n/hour")->{header}{'ratelimit-policy'} // 'none';
        $policy eq "\"$n/hour\";q=$n;w=3600" or return fail("plan $n: $policy");
    }
    $slow->send('x');
    is $slow->read_response->{header}{'ratelimit-policy'}, '"7/hour";q=7;w=3600, "77/day";q=77;w=86400', 'a request keeps its own';
    is field('/free', K => key, Q => '5/minute; 3/minute'), '"3/minute";r=2', 'of two over one period the smaller one';
    is field('/free', K => key, Q => "3/minute,\t5/60 seconds"), '"3/minute";r=2', 'in any order';
    like $t->get('/free', K => key, Q => 'x' x 5000)->{status}, qr/200/, 'a long value';
    ok !grep({ length > 1500 } split /\n/, $t->log_text('error.log')), 'is cut in the log';
};

subtest 'cost' => sub {
    my $k = key;
    is field('/cost', K => $k, Cost => 3), '"10/hour";r=7', 'of three';
    is field('/costs3', K => $k), '"10/hour";r=4', 'a constant';
    is field('/cost', K => $k, Cost => 0), 'none', '0 is free';
    is statuses('/cost', 2, K => $k, Cost => 5), '429 429', 'more than is left';
    is field('/cost', K => $k, Cost => 4), '"10/hour";r=0', 'all that is left';
    is statuses('/cost', 1, K => $k, Cost => 0), '200', '0 is free even then';
    $k = key;
    is statuses('/cost', 1, K => $k, Cost => $_), '429', "huge: $_" for 11, 18446744073709551615, 18446744073709552, '9' x 50;
    is field('/cost', K => $k, Cost => $_->[0]), "\"10/hour\";r=$_->[1]", "junk costs 1: $_->[0]"
        for ['junk', 9], ['-3', 8], ['1.5', 7], ['0x10', 6], ['3 ', 3], ['', 2];
    is statuses('/costrate', 1, K => $k, Cost => $_), '429', "of a rate, huge: $_" for 6, 18446744073709551615, 18446744073709552, '9' x 50;
    is statuses('/costrate', 2, K => $k, Cost => 4), '200 429', 'of a rate';
    is statuses('/costrate', 2, K => $k), '200 429', 'and what is left of its burst';
    cmp_ok logged(qr/limit zone "cost": the cost ".*" is no number; such requests cost 1/), '<=', 2, 'logged, at most once a second';
};

subtest 'skip' => sub {
    my $k = key;
    is field('/skip', K => $k, Skip => $_), 'none', "skipped: $_" for qw(1 yes 00);
    is field('/skip', K => $k, Skip => 0), '"10/hour";r=9', 'not by 0';
    is field('/skip', K => $k), '"10/hour";r=8', 'nor by nothing';
};

subtest 'count=status' => sub {
    my $k = key;
    is field('/failures', K => $k), '"3/hour";r=3', 'a success spends nothing' for 1 .. 5;
    is field('/failures', K => $k, Status => 404), '"3/hour";r=3', 'nor another failure';
    is field('/failures', K => $k, Status => 401), '"3/hour";r=2', 'one that counts does, and says so';
    is field('/failures', K => $k, Status => 500), '"3/hour";r=1', '5xx';
    is field('/failures', K => $k), '"3/hour";r=1', 'a success between';
    is field('/denied', K => $k), '"3/hour";r=0', 'one of nginx itself, elsewhere in the same zone';
    my $r = $t->get('/failures', K => $k);
    is $r->{status}, 429, 'then all are refused';
    is $r->{header}{ratelimit} =~ s/;t=.*//r, '"3/hour";r=0';
    like $r->{header}{'retry-after'}, qr/^3[56]\d\d$/;
    is statuses('/failures', 3, K => key, Status => 500), '500 500 500', 'N pass';
};

subtest 'count=miss' => sub {
    my $k = key;
    my $tag = $t->get('/board/card')->{header}{etag};
    is statuses('/board/card', 5, K => $k), '200 200 200 200 200', 'hits are free';
    is statuses('/board/card', 2, K => $k, 'If-None-Match' => $tag), '304 304', 'and 304';
    is field('/board/other', K => $k), '"2/hour";r=1', 'a miss is not';
    is statuses('/board/other', 3, K => $k), '200 429 429', 'N pass';
    is statuses('/board/card', 1, K => $k), '200', 'hits are served still';
    my $r = $t->get('/board/other', K => $k);
    is $r->{header}{'cache-status'}, 'gatehouse; fwd=uri-miss', 'what is refused says that it was a miss';
};

subtest 'stage=identity' => sub {
    my @me = (Authorization => 'Basic bWU6c2VjcmV0');
    is statuses('/user', 4, Authorization => 'Basic bWU6d3Jvbmc='), '401 401 401 401', 'who is not authenticated';
    is statuses('/user', 3, @me), '200 200 429', 'spends nothing of the one whose name he gave';
    is field('/user', Authorization => 'Basic bWU6d3Jvbmc='), 'none', 'and sees nothing of it';
};

$t->done;
