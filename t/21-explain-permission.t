#!/usr/bin/perl
# Who may have a request explained: forged, expired and used permissions, and what an ordinary request is spared.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Explain qw(key_table permission raw_explain explained explain_path step said);

my $t = Gatehouse->new(ports => 2, workers => 2);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my $key = join '', map { chr } 1 .. 32;
$t->nginx_conf(<<'END');
log_format asked '$request_method $uri $http_gate_explain|$http_gate_identity|$http_authorization';
gate_limit_zone $gate_client zone=once:64k quota=1/hour;
server {
    listen 127.0.0.1:%%PORT%%;
    location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /once { gate_limit zone=once; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /from { add_header X-Client $remote_addr; empty_gif; }
}
server { listen 127.0.0.1:%%PORT1%%; access_log logs/app.log asked; location / { return 404 "the app\n"; } }
END
$t->start_nginx;
my $path = explain_path();

# Each is what any other GET of that path is: the app answers, and sees no field of ours.
sub is_ordinary ($permission, $what, @more) {
    my $response = raw_explain($t->http, $permission, @more);
    return is "$response->{status} $response->{body}", "404 the app\n", $what;
}

is_ordinary(permission($key, target => '/once'), 'nobody has the key yet');
my $publisher = $t->start_publisher;
$publisher->table('explain.key', 'GTHEXPK1short');
wait_for(sub { $t->log_text('error.log') =~ /the table "explain.key" is refused: it is no key of explain/ }, 10, 'a table that is no key');
$publisher->table('explain.key', key_table($key));
wait_for(sub { raw_explain($t->http, permission($key, target => '/x'))->{status} == 200 }, 10, 'the key') for 1 .. 8;

subtest 'forged' => sub {
    my $good = permission($key, target => '/once');
    is_ordinary(permission('x' x 32, target => '/once'), 'by another key');
    for my $at (map { int($_ * length($good) / 12) } 0 .. 11) {
        my $bad = $good;
        substr($bad, $at, 1) = substr($bad, $at, 1) eq 'A' ? 'B' : 'A';
        is_ordinary($bad, "changed at $at");
    }
    is_ordinary($_->[0], $_->[1])
        for [$good . 'A', 'one character more'], [substr($good, 0, -1), 'one less'], ["$good=", 'padding'], ['', 'empty'], ['.', 'a dot'], [$good =~ s/\..*//r, 'no signature'],
            ['A' x 7000, 'long'];
    is_ordinary(permission($key, target => '/once', expires => time - 1), 'expired');
    is_ordinary(permission($key, target => '/once', expires => time + 60), 'good for longer than any is made');
    is_ordinary($good, 'twice in one request', 'Gate-Explain' => $good);
    is_ordinary(permission($key, target => $_->[0], method => $_->[1] // 'GET', from => $_->[2] // ''), "signed, but no question: $_->[0] " . ($_->[1] // ''))
        for ['once'], ['/a b'], ["/a\nb"], ['/' . 'a' x 4096], ['/once', 'get'], ['/once', 'TRACE'], ['/once', 'GET', 'nowhere'];
    is raw_explain($t->http, $good)->{status}, 200, 'and what all of them were made of is good';
};

subtest 'once' => sub {
    my $permission = permission($key, target => '/once');
    is raw_explain($t->http, $permission)->{header}{'content-type'}, 'application/vnd.gatehouse.explain+json', 'good the first time';
    is_ordinary($permission, 'not again, by neither worker') for 1 .. 8;
    my @many = map { permission($key, target => '/once') } 1 .. 100;
    is scalar(grep { raw_explain($t->http, $_)->{status} == 200 } @many), 100, 'a hundred others';
};

subtest 'elsewhere' => sub {
    my $permission = permission($key, target => '/once', method => 'DELETE');
    is $t->get('/other', 'Gate-Explain' => $permission)->{body}, "the app\n", 'on another path it is nothing';
    is $t->get("$path/", 'Gate-Explain' => $permission)->{body}, "the app\n", 'nor on one that begins alike';
    $t->get('/other', 'gate_explain' => $permission, 'Gate-Identity' => 'x', Authorization => 'Bearer x');
    my $log = $t->log_text('app.log');
    unlike $log, qr/\Q$permission\E|\|x\|/, 'and no app sees it, under any spelling';
    unlike $log, qr/DELETE|\/once/, 'nor what was asked about';
    like $log, qr/^GET \/other -\|-\|Bearer x$/m, 'what is not ours goes on';
};

subtest 'the connection is the client\'s own again' => sub {
    my $http = $t->http(0, keepalive => 1);
    for my $from ('192.0.2.7', '2001:db8::1', '192.0.2.8') {
        is step(explained($http, $key, 'GET', '/from', from => $from), 'client')->{facts}{address}, $from;
        is $http->get('/from')->{header}{'x-client'}, '127.0.0.1', "after $from";
    }
};

is said(explained($t->http, $key, 'GET', '/once')), 'admitted by content';
is $t->get('/once')->{status}, 404, 'the only request of the hour';
is said(explained($t->http, $key, 'GET', '/once')), 'refused by limit with 429: quota';
$t->reload_nginx;
wait_for(sub { raw_explain($t->http, permission($key, target => '/x'))->{status} == 200 }, 10, 'a reload');
is said(explained($t->http, $key, 'GET', '/once')), 'refused by limit with 429: quota', 'as ever after a reload';
$publisher->table('explain.key', key_table('n' x 32));
wait_for(sub { raw_explain($t->http, permission('n' x 32, target => '/x'))->{status} == 200 }, 10, 'another key') for 1 .. 8;
is_ordinary(permission($key, target => '/once'), 'what the key before has signed is good no more');

$t->done;
