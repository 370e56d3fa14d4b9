#!/usr/bin/perl
# satisfy any and all with allow/deny, auth_basic, auth_request and gate_auth in all combinations; bodies intact.
use v5.36;
use lib 't/lib';
use MIME::Base64 qw(encode_base64);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(api_token);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');
my ($ada, $bob) = map { api_token($_) } 'ADA00001', 'BOB00001';
my $app = Gatehouse::Upstream->start($t->port(2));
my $publisher = $t->start_publisher;
$publisher->tokens({token => $ada, user => 'ada', scopes => 'read'}, {token => $bob, user => 'bob'});
$t->write_file('users', "u:{PLAIN}p\n");

# A location for each: satisfy × address rule × auth_basic × auth_request × gate_auth.
my @guards = qw(access basic request gate);
my %block = (
    access => {yes => 'allow 127.0.0.1; deny all;', no => 'deny all;'},
    basic => {yes => 'auth_basic "b"; auth_basic_user_file %%DIR%%/users;'},
    request => {yes => 'auth_request /ask;'},
    gate => {yes => 'gate_auth token; gate_token_from header:X-Key; gate_require scope=read;'},
);
my (@cases, $locations);
for my $satisfy (qw(any all)) {
    for my $bits (0 .. 2 * 2 * 2 * 3 - 1) {
        my %on = (gate => $bits & 1, request => $bits >> 1 & 1, basic => $bits >> 2 & 1, access => (undef, 'yes', 'no')[$bits >> 3]);
        next if !$on{gate};
        my $path = "/$satisfy$bits";
        $locations .= "location = $path { satisfy $satisfy; " . join(' ', map { $on{$_} ? $block{$_}{$on{$_} eq 'no' ? 'no' : 'yes'} : () } @guards)
            . " proxy_pass http://127.0.0.1:%%PORT2%%/echo; }\n";
        push @cases, [$satisfy, $path, \%on];
    }
}
$t->nginx_conf(<<"END");
client_body_buffer_size 8k; client_max_body_size 10m;
server {
    listen 127.0.0.1:%%PORT%%;
    $locations
    location = /ask { internal; proxy_pass http://127.0.0.1:%%PORT1%%/\$http_x_ask; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
    location /both { auth_request /ask; gate_auth token; gate_token_from header:X-Key; proxy_pass http://127.0.0.1:%%PORT2%%/echo; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location /yes { return 204; }
    location /no { add_header WWW-Authenticate "Ask" always; return 401; }
    location /never { return 403; }
}
END
$t->start_nginx;

# What each guard says of a client: 0 come in, or a status. Told by hand from the manuals of its directives.
sub says ($guard, $on, $client) {
    return $on eq 'no' ? 403 : 0 if $guard eq 'access';
    return $client->{basic} ? 0 : 401 if $guard eq 'basic';
    return {yes => 0, no => 401, never => 403}->{$client->{ask}} if $guard eq 'request';
    return {ada => 0, bob => 403, none => 401}->{$client->{key}};
}

# http://nginx.org/en/docs/http/ngx_http_core_module.html#satisfy: all of them, or any. Under `any` 401 goes
# before 403, as a client may come again with credentials. Under `all` the first that refuses is heard.
sub expected ($satisfy, $on, $client) {
    my @said = map { $on->{$_} ? says($_, $on->{$_}, $client) : () } @guards;
    return (grep { $_ } @said)[0] // 200 if $satisfy eq 'all';
    return 200 if grep { !$_ } @said;
    return (grep { $_ == 401 } @said) ? 401 : 403;
}

sub challenges ($satisfy, $on, $client) {
    my %challenge = (basic => 'Basic realm="b"', request => 'Ask', gate => 'Bearer realm="gatehouse"');
    my @found;
    for my $guard (grep { $on->{$_} } @guards) {
        my $said = says($guard, $on->{$guard}, $client);
        # A client that lacks a scope may come with another token.
        push @found, $challenge{$guard} if $said == 401 || $guard eq 'gate' && $said == 403;
        last if $said && $satisfy eq 'all';
    }
    return join ' | ', sort @found;
}

my ($count, %wrong) = (0);
for my $case (@cases) {
    my ($satisfy, $path, $on) = @$case;
    for my $basic ($on->{basic} ? (0, 1) : 0) {
        for my $ask ($on->{request} ? qw(yes no never) : 'yes') {
            for my $key (qw(ada bob none)) {
                my %client = (basic => $basic, ask => $ask, key => $key);
                my %headers = ('X-Ask' => $ask, $basic ? (Authorization => 'Basic ' . encode_base64('u:p', '')) : (), $key eq 'none' ? () : ('X-Key' => $key eq 'ada' ? $ada : $bob));
                my $r = $t->get($path, %headers);
                my $status = expected($satisfy, $on, \%client);
                my $name = join ' ', "satisfy $satisfy:", (map { "$_ " . says($_, $on->{$_}, \%client) } grep { $on->{$_} } @guards);
                ++$count;
                $wrong{$name} = "$r->{status}, not $status" if $r->{status} != $status;
                my @challenges = map { $_->[1] } grep { lc $_->[0] eq 'www-authenticate' } @{$r->{headers}};
                my $want = $status == 401 ? challenges($satisfy, $on, \%client) : '';
                my $got = $status == 401 || $status == 200 ? join ' | ', sort @challenges : '';
                $wrong{"$name: challenges"} = "«$got», not «$want»" if $got ne $want;
            }
        }
    }
}
cmp_ok $count, '>', 200, "$count combinations";
is_deeply \%wrong, {}, 'each is let in, or refused with the status and the challenges of its guards';

subtest 'bodies' => sub {
    my %headers = ('X-Ask' => 'yes', 'X-Key' => $ada);
    for my $size (0, 10, 8192, 100_000, 3_000_000) {
        my $body = join '', map { chr(33 + $_ * 7 % 90) } 1 .. 1000;
        $body = substr $body x ($size / 1000 + 1), 0, $size;
        my $r = $t->request({method => 'POST', path => '/both', headers => \%headers, body => $body});
        my ($got) = $r->{body} =~ /\r\n\r\n(.*)/s;
        ok $r->{status} == 200 && $got eq $body, "$size bytes arrive intact behind auth_request and gate_auth" or diag "$r->{status}, " . length($got // '') . ' bytes';
    }
    my $http = $t->http(0, keepalive => 1)->connect;
    $http->send("POST /both HTTP/1.1\r\nHost: a\r\nX-Ask: yes\r\nX-Key: $ada\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
    select undef, undef, undef, 0.05;
    $http->send("6\r\n world\r\n0\r\n\r\n");
    like $http->read_response->{body}, qr/\r\n\r\nhello world$/, 'one that comes in chunks, late';
    is $http->request({method => 'POST', path => '/both', headers => {'X-Ask' => 'yes'}, body => 'x' x 50_000})->{status}, 401, 'a refused one';
    is $http->request({method => 'POST', path => '/both', headers => \%headers, body => 'end'})->{body} =~ s/.*\r\n\r\n//sr, 'end', 'and the next one of its connection';
};

$t->done;
