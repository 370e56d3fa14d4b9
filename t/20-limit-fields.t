#!/usr/bin/perl
# RateLimit, RateLimit-Policy, X-RateLimit-*, Retry-After and the bodies of refusals, on every kind of answer.
use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::StructuredField qw(parse_list);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');

# The parser itself, by the examples of RFC 9651 §3.1 and its rules.
is_deeply [map { $_->{value} } parse_list('sugar, tea,  rum')], [qw(sugar tea rum)], 'a list';
is((parse_list('"a \"b\\\\";q=1; w=-2;x'))[0]{value}, 'a "b\\', 'a string');
ok !eval { parse_list($_); 1 }, "no list: $_" for '"a', 'a,', '1234567890123456', "\"\x{e9}\"", '"a";Q=1', '1.', 'a b', '"a" ;q=1';

mkdir $t->dir('html');
$t->write_file('html/file.txt', 'static');
$t->nginx_conf(<<'END');
gate_limit_zone $http_k zone=two:1m quota="5/minute; 200/day" window=fixed;
gate_limit_zone $http_k zone=other:1m quota="3 per 2 hours";
gate_limit_zone $http_k zone=rate:1m rate=30r/m;
gate_limit_zone $http_k zone=once:1m quota=1/hour;
gate_limit_zone $http_k zone=big:1m quota=100000000000000/20years;
gate_limit_zone $http_k zone=any:1m quota=$http_q;
server {
    listen 127.0.0.1:%%PORT%%;
    root %%DIR%%/html;
    gate_limit zone=two;
    location / { }
    location = /both-zones { gate_limit zone=two; gate_limit zone=other; empty_gif; }
    location = /rate { gate_limit zone=rate burst=4 nodelay; empty_gif; }
    location = /big { gate_limit zone=big; empty_gif; }
    location = /quota { gate_limit zone=any; empty_gif; }
    location = /app { gate_limit_headers both; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /app-off { gate_limit_headers off; proxy_pass http://127.0.0.1:%%PORT1%%/app; }
    location = /app-unlimited { gate_limit off; proxy_pass http://127.0.0.1:%%PORT1%%/app; }
    location = /down { proxy_pass http://127.0.0.1:1; }
    location = /denied { deny all; }
    location = /once { gate_limit zone=once; empty_gif; }
    location = /once-legacy { gate_limit zone=once; gate_limit_headers legacy; empty_gif; }
    location = /once-both { gate_limit zone=once; gate_limit_headers both; empty_gif; }
    location = /once-off { gate_limit zone=once; gate_limit_headers off; empty_gif; }
    location = /once-503 { gate_limit zone=once; gate_limit_status 503; empty_gif; }
    location = /once-418 { gate_limit zone=once; gate_limit_status 418; empty_gif; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location / {
        add_header RateLimit '"app";r=1;t=1'; add_header ratelimit-policy '"app";q=1;w=1';
        add_header X-RateLimit-Limit 1; add_header X-Ratelimit-Remaining 1; add_header X-RateLimit-Reset 1;
        add_header Retry-After 7; add_header X-Else 1; return 200;
    }
}
END
$t->start_nginx;

my $client = 0;
sub key () { return 'k' . ++$client }

# The two fields as the parser has them: {policies => {name => {q, w}}, name, r, t}; dies unless they are well-formed
# and follow draft-ietf-httpapi-ratelimit-headers.
sub limits ($response) {
    my %result = (policies => {});
    my $integer = sub ($item, $name, $least) {
        my $parameter = $item->{parameters}{$name} // die "no $name\n";
        die "$name is a $parameter->{type}: $parameter->{value}\n" if $parameter->{type} ne 'integer' || $parameter->{value} < $least;
        return $parameter->{value};
    };
    for my $policy (parse_list($response->{header}{'ratelimit-policy'} // die "no policy\n")) {
        die "a policy is a string\n" if $policy->{type} ne 'string';
        $result{policies}{$policy->{value}} = join ' ', $integer->($policy, 'q', 0), $integer->($policy, 'w', 1);
    }
    my ($limit, @more) = parse_list($response->{header}{ratelimit} // die "no limit\n");
    die "several limits\n" if @more;
    die "$limit->{value} is no policy\n" if !$result{policies}{$limit->{value}};
    @result{qw(name r t)} = ($limit->{value}, $integer->($limit, 'r', 0), $integer->($limit, 't', 0));
    return \%result;
}

my %two = ('5/minute' => '5 60', '200/day' => '200 86400');

subtest 'on every answer' => sub {
    for my $case (['/file.txt', 200], ['/none', 404], ['/down', 502], ['/denied', 403], ['/app', 200]) {
        my ($path, $status) = @$case;
        for my $method (qw(GET HEAD)) {
            my $r = $t->request({method => $method, path => $path, headers => {K => key}});
            my $limits = limits($r);
            is "$r->{status} $limits->{name} $limits->{r}", "$status 5/minute 4", "$method $path: $status";
            is_deeply $limits->{policies}, \%two, 'and its policies';
            ok $limits->{t} > 55 && $limits->{t} <= 60, "t=$limits->{t}: until all of it is there again";
        }
    }
    my $r = $t->get('/file.txt', K => key, Range => 'bytes=0-1');
    is "$r->{status} " . limits($r)->{r}, '206 4', 'a part';
    $r = $t->get('/file.txt', K => key, 'If-Modified-Since' => $r->{header}{'last-modified'});
    is "$r->{status} " . limits($r)->{r}, '304 4', 'a 304';
    $r = $t->get('/file.txt');
    ok !defined $r->{header}{$_}, "no $_ where no limit applies" for qw(ratelimit ratelimit-policy retry-after);
};

subtest 'which limit' => sub {
    my $k = key;
    my $limits = limits($t->get('/both-zones', K => $k));
    is_deeply $limits->{policies}, {%two, '3/2 hours' => '3 7200'}, 'all policies of all zones';
    is "$limits->{name} $limits->{r}", '3/2 hours 2', 'the one that leaves least';
    $t->get('/', K => $k) for 1 .. 3;
    is limits($t->get('/both-zones', K => $k))->{name}, '5/minute', 'whichever that is';
    my $r = $t->get('/both-zones', K => $k);
    is "$r->{status} " . limits($r)->{name}, '429 5/minute', 'of a refusal, the one that refused';
    $limits = limits($t->get('/rate', K => key));
    is_deeply $limits->{policies}, {'30r/m' => '5 10'}, 'a rate: its burst and one, and how long that takes to be refilled';
    is "$limits->{r} $limits->{t}", '4 2', 'r and t of a rate';
};

subtest 'numbers of 15 digits' => sub {
    my $limits = limits($t->get('/big', K => key));
    is_deeply [values %{$limits->{policies}}], ['100000000000000 622080000'], 'as they are';
    is $limits->{r}, 99999999999999;
    my $r = $t->get('/quota', K => key, Q => '9999999999999999/20years');
    is limits($r)->{r}, '999999999999999', 'larger ones are cut';
};

subtest 'a refusal' => sub {
    my $k = key;
    $t->get('/once', K => $k);
    my $r = $t->get('/once', K => $k, Accept => '*/*');
    my $limits = limits($r);
    is "$r->{status} $limits->{r}", '429 0', 'refused';
    is $r->{header}{'retry-after'}, $limits->{t}, 'Retry-After is t';
    ok $limits->{t} > 3500 && $limits->{t} <= 3600, 'when a request can pass';
    is $r->{header}{'content-type'}, 'application/problem+json';
    is $r->{header}{'cache-control'}, 'no-store';
    my $problem = decode_json($r->{body});
    is $problem->{type}, 'https://iana.org/assignments/http-problem-types#quota-exceeded';
    is_deeply $problem->{'violated-policies'}, ['1/hour'];
    is "$problem->{status} $problem->{title} $problem->{instance}", '429 Too Many Requests /once';
    like $problem->{request_id}, qr/^[0-9a-f]{32}$/;
    $r = $t->get('/once', K => $k, Accept => 'text/html,application/xhtml+xml,*/*;q=0.8');
    like $r->{header}{'content-type'}, qr{^text/html}, 'HTML for a browser';
    like $r->{body}, qr/429/;
    ok limits($r), 'with the same fields';
    $r = $t->head('/once', K => $k);
    is "$r->{status} $r->{body}", '429 ', 'HEAD';
    cmp_ok $r->{header}{'content-length'}, '>', 100, 'with the length of the body';
    $r = $t->get('/once-503', K => $k);
    my $reduced = decode_json($r->{body});
    is "$r->{status} $reduced->{type}", '503 https://iana.org/assignments/http-problem-types#temporary-reduced-capacity', 'by 503';
    is decode_json($t->get('/once-418', K => $k)->{body})->{type}, 'about:blank', 'another status';
    ok limits($r) && $r->{header}{'retry-after'};
};

subtest 'styles' => sub {
    my $k = key;
    my $ask = sub ($path) { $t->get($path, K => $k)->{header} };
    $ask->('/once');
    my $now = time;
    my $h = $ask->('/once-legacy');
    is "$h->{'x-ratelimit-limit'} $h->{'x-ratelimit-remaining'}", '1 0', 'legacy';
    ok abs($h->{'x-ratelimit-reset'} - $now - $h->{'retry-after'}) <= 2, 'Reset is a Unix time';
    ok !defined $h->{$_}, "no $_" for qw(ratelimit ratelimit-policy);
    $h = $ask->('/once-both');
    ok defined $h->{$_}, "both: $_" for qw(ratelimit ratelimit-policy x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset retry-after);
    $h = $ask->('/once-off');
    ok !defined $h->{$_}, "off: no $_" for qw(ratelimit ratelimit-policy x-ratelimit-limit);
    ok defined $h->{'retry-after'}, 'off: Retry-After of a refusal stays';
};

subtest 'beside those of an app' => sub {
    my $r = $t->get('/app', K => key);
    is limits($r)->{name}, '5/minute', 'ours in place of its own';
    my %count;
    ++$count{lc $_->[0]} for @{$r->{headers}};
    is $count{$_}, 1, "one $_" for qw(ratelimit ratelimit-policy x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset);
    is "$r->{header}{'x-ratelimit-limit'} $r->{header}{'x-ratelimit-remaining'}", '5 4';
    is "$r->{header}{'retry-after'} $r->{header}{'x-else'}", '7 1', 'its Retry-After and all else stay: it may mean something else';
    for my $path ('/app-off', '/app-unlimited') {
        my $h = $t->get($path, K => key)->{header};
        is "$h->{ratelimit} $h->{'x-ratelimit-limit'}", '"app";r=1;t=1 1', "$path: its own stay";
    }
};

$t->done;
