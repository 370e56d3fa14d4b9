#!/usr/bin/perl
# gate_token_from: fields, cookies, the query; several at once; what stood in the query is in no log and not with the app.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my ($ada, $bob) = map { api_token($_) } 'ADA00001', 'BOB00001';
my $app = Gatehouse::Upstream->start($t->port(2));
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read'}, {token => $bob, user => 'bob'}, {token => 'se~cr/et&more=%41+', foreign => 1, id => 'FOREIGN1', user => 'far'});
$t->write_file('temp/f', 'x');

$t->nginx_conf(<<'END' =~ s/LITERAL/$ada/r);
log_format all '$request|$request_uri|$args|$arg_key|$is_args|$query_string|$http_referer'; access_log logs/access-all.log all;
rewrite_log on;
limit_req_zone $server_name zone=slow:32k rate=1000r/s;
map $request_uri $copy { default $request_uri; }
server {
    listen 127.0.0.1:%%PORT%%;
    listen 127.0.0.1:%%PORT1%% http2;
    gate_auth token;
    root temp;
    location /field { gate_token_from header:X-My-Token header:x-other; proxy_pass http://127.0.0.1:%%PORT2%%/echo; }
    location /cookie { gate_token_from cookie:gate; proxy_pass http://127.0.0.1:%%PORT2%%/echo; }
    location /echo-q { gate_token_from query:key query:k2; limit_req zone=slow burst=5; add_header X-Uri $copy; proxy_pass http://127.0.0.1:%%PORT2%%; proxy_set_header X-Args "$args $request_uri"; }
    location /all { gate_token_from bearer header:X-A cookie:c query:key; proxy_pass http://127.0.0.1:%%PORT2%%/echo; }
    location /warn { gate_token_from query:key; if ($never) { return 404; } set $never ""; log_not_found on; }
    location /away { gate_auth off; try_files /none /echo-q?$args; }
    location /named { gate_token_from query:key; try_files /none @other; }
    location @other { gate_token_from query:other; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /strict { gate_token_from query:key; error_page 404 = /bearer; try_files /none =404; }
    location /bearer { gate_token_from bearer; proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /open { gate_auth off; proxy_pass http://127.0.0.1:%%PORT2%%/echo?$args; }
    location /literal { gate_auth off; error_page 404 = /echo-q?a=b&key=LITERAL; return 404; }
    location /moved { return 301 /echo-q?$args; }
}
END
$t->start_nginx;

sub status ($path, @headers) { return $t->request({path => $path, headers => [@headers]})->{status} }

subtest 'fields' => sub {
    is status('/field', $_ => $ada), 200, $_ for 'X-My-Token', 'x-my-token', 'X-MY-TOKEN', 'X-Other';
    is status('/field', Authorization => "Bearer $ada"), 401, 'others are not asked';
    is status('/field', 'X-My-Token' => $ada, 'X-Other' => $ada), 400, 'two';
    is status('/field', 'X-My-Token' => "Bearer $ada"), 401, 'a field has the token alone';
};

subtest 'cookies' => sub {
    my %case = ("gate=$ada" => 200, "a=b; gate=$ada" => 200, "gate=$ada; a=b" => 200, "a=b;gate=$ada;c" => 200, "gate=$ada; gate=$ada" => 400, "gate=$ada; gate=$bob" => 400,
        "gate=" => 400, "GATE=$ada" => 401, "xgate=$ada" => 401, "gatex=$ada" => 401, "gate" => 401, '=; ;;' => 401, '' => 401, "gate=\"$ada\"" => 401, "gate=$ada," => 401, "x=\"gate=$ada\"" => 401, "gate =$ada" => 401,
        ('a=b; ' x 1500) => 401);
    is status('/cookie', Cookie => $_), $case{$_}, substr "«$_»", 0, 100 for sort keys %case;
    is status('/cookie', Cookie => "gate=$ada", Cookie => "gate=$bob"), 400, 'two of the name in two fields';
    is status('/cookie', Cookie => 'a=b', Cookie => "gate=$ada"), 200, 'one in the second field';
};

# What the app and the logs see of a request.
sub seen ($path, @headers) {
    my @from = map { length $t->log_text($_) } qw(access-all.log error.log);
    my $r = $t->request({path => $path, headers => \@headers});
    my ($uri) = $path =~ /^([^?]+)/;
    wait_for(sub { substr($t->log_text('access-all.log'), $from[0]) =~ /^GET \Q$uri\E/m }, 5, 'log line');
    return ($r, map { substr $t->log_text($_), shift @from } qw(access-all.log error.log));
}

subtest 'the query' => sub {
    my %escaped = ($ada => join('', map { sprintf '%%%02x', ord } split //, $ada), 'se~cr/et&more=%41+' => 'se~cr%2Fet%26more%3D%2541%2B');
    for my $query ("key=$ada", "a=b&key=$ada&c=d", "k%65y=$ada", "%6B%65%79=$escaped{$ada}", "k2=$ada", 'key=' . $escaped{'se~cr/et&more=%41+'}) {
        my ($r, $access, $error) = seen("/echo-q?$query");
        is $r->{status}, 200, substr $query, 0, 60;
        my ($value) = $query =~ /(?:key|y|79|k2)=([^&]+)/;
        my $masked = $query =~ s/\Q$value\E/'*' x length $value/er;
        unlike "$r->{body}$access$error$r->{header}{'x-uri'}", qr/\Q$value\E|\Q$ada\E/, 'the token is with nobody else';
        like $r->{body}, qr{^GET /echo-q\?\Q$masked\E HTTP}, 'asterisks are' or diag $r->{body};
        like $access, qr{^GET /echo-q\?\Q$masked\E HTTP/1.1\|/echo-q\?\Q$masked\E\|}m, 'also in the log';
    }
    is status("/echo-q?key=$ada&key=$ada"), 400, 'twice';
    is status("/echo-q?key=$ada&k2=$ada"), 400, 'under two names';
    is status("/echo-q?$_"), 400, "$_: malformed" for 'key=', 'key=%zz', 'key=%4';
    is status("/echo-q?$_"), 401, "$_: not a token" for 'key', 'KEY=x', 'key=x', "keyx=$ada", 'a=b', '', "x=&;key=$ada";
    my ($r, $access, $error) = seen("/echo-q?key=$ada%zz");
    unlike "$access$error", qr/\Q$ada\E/, 'nor what is malformed';
};

subtest 'what others say of the request' => sub {
    my ($r, $access, $error) = seen("/warn?key=$ada");
    like $error, qr/using uninitialized "never" variable.*key=\*+ /, 'before the location\'s guards';
    like $error, qr/No such file.*key=\*+ /, 'and after';
    unlike "$access$error", qr/\Q$ada\E/;
    ($r, $access, $error) = seen("/away?key=$ada");
    unlike $error, qr/\Q$ada\E/, 'where the way leads through a location that asks for nothing';
    is $r->{status}, 200, 'and to one that does';
    ($r, $access, $error) = seen("/echo-q/x/../echo/?key=$ada", Referer => "http://a/?key=$bob");
    like $access, qr/key=\Q$bob\E$/m, 'a Referer is the client\'s own';
    ($r, $access, $error) = seen("/open?access_token=$ada");
    unlike $access =~ s/\|.*//gr, qr/\Q$ada\E/, 'access_token is hidden in every request line';
    like $r->{body}, qr/access_token=\Q$ada\E/, 'but is the app\'s where nothing is guarded';
};

subtest 'redirects' => sub {
    my ($r, $access, $error) = seen("/named?key=$ada&other=$ada");
    is $r->{status}, 200, 'each location has its own names';
    unlike "$r->{body}$access$error", qr/\Q$ada\E/;
    is status("/named?key=$ada"), 401, 'and what another has asked for does not open it';
    is status("/strict?key=$ada"), 401, 'nor one that asks for no query';
    is status('/literal'), 200, 'a query of the configuration' for 1 .. 3;
    ($r, $access) = seen("/moved?key=$ada");
    is $r->{header}{location}, 'http://localhost:' . $t->port . "/echo-q?key=$ada", 'return answers before any guard, with what the client has sent';
    unlike $access =~ s/\|.*//gr, qr/\Q$ada\E/, 'but its request line has none';
};

subtest 'several at once' => sub {
    my %one = (bearer => [Authorization => "Bearer $ada"], field => ['X-A' => $ada], cookie => [Cookie => "c=$ada"], query => []);
    for my $first (sort keys %one) {
        my $path = '/all' . ($first eq 'query' ? "?key=$ada" : '');
        is status($path, @{$one{$first}}), 200, "$first alone";
        is status($path . ($_ eq 'query' ? "?key=$ada" : ''), map { @{$one{$_}} } $first, $_), 400, "$first and $_" for grep { $_ gt $first } sort keys %one;
    }
    is status("/all?access_token=$ada", 'X-A' => $ada), 400, 'access_token beside another';
};

subtest 'HTTP/2' => sub {
    my ($before, $from) = (length $t->log_text('access-all.log'), $t->log_end);
    my ($exit, $out) = $t->run_program(['curl', '-s', '--http2-prior-knowledge', '-w', '%{http_code}', 'http://127.0.0.1:' . $t->port(1) . "/echo-q?a=b&key=$ada"]);
    like $out, qr{^GET /echo-q\?a=b&key=\*{51} HTTP.*200$}s, 'the app';
    wait_for(sub { length $t->log_text('access-all.log') > $before }, 5, 'log line');
    my $log = substr($t->log_text('access-all.log'), $before) . substr $t->log_text('error.log'), $from;
    like $log, qr{^GET /echo-q\?a=b&key=\*{51} HTTP/2.0\|}m;
    unlike "$out$log", qr/\Q$ada\E/, 'the token is with nobody else';
    ($exit, $out) = $t->run_program(['curl', '-s', '--http2-prior-knowledge', '-o', '/dev/null', '-w', '%{http_code}', '-H', "Cookie: a=b", '-H', "Cookie: gate=$ada", 'http://127.0.0.1:' . $t->port(1) . '/cookie']);
    is $out, 200, 'cookies';
};

$t->done;
