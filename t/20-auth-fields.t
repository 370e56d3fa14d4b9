#!/usr/bin/perl
# Fields by which applications believe who a request is from: what a client sends under those names, and what arrives.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the module' if !$t->built('module');
my $app = Gatehouse::Upstream->start($t->port(1));
my $secret = 's' x 32;
chmod 0600, $t->write_file('secret', $secret);
$t->nginx_conf(<<'END');
gate_link off; gate_board_file off;
underscores_in_headers on; ignore_invalid_headers off;
server {
    listen 127.0.0.1:%%PORT%%;
    gate_jwt_key secret=%%DIR%%/secret alg=HS256;
    location /echo/open { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /echo/guarded { gate_auth jwt; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /echo/told { gate_auth jwt; proxy_pass http://127.0.0.1:%%PORT1%%; proxy_set_header X-Forwarded-User $gate_user; }
    location /echo/asked { auth_request /door; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /door { gate_auth jwt; empty_gif; }
}
END
$t->start_nginx;

my @ours = qw(Gate-Identity gate_identity GATE-IDENTITY Gate.Identity Gate-Explain);
my @believed = qw(X-Forwarded-User X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Preferred-Username X-Auth-Request-User
    X-Remote-User Remote-User X-User x_forwarded_user X_FORWARDED-user X.Forwarded.User Remote_User);
my @plain = qw(X-Forwarded-Users Forwarded-User X-Usr Gate-Identity2 X-Request-ID);
my %bearer = (Authorization => 'Bearer ' . hs256({sub => 'ada', exp => time + 600}, $secret));

# The names of those that the application got, in the order that they were sent.
sub arrived ($path, %more) {
    my $r = $t->get($path, (map { $_ => 'root' } @ours, @believed, @plain), %more);
    is $r->{status}, 200, "$path is answered";
    my %got = map { $_ => 1 } $r->{body} =~ /^([^:\r\n]+): root\r?$/mg;
    return [grep { $got{$_} } @ours, @believed, @plain];
}

is_deeply arrived('/echo/open'), [@believed, @plain], 'where nobody is asked: all but what only this proxy says';
is_deeply arrived('/echo/guarded', %bearer), \@plain, 'where somebody is: nothing by which an application believes who it is';
is_deeply arrived('/echo/told', %bearer), \@plain, 'with a field that is set';
like $t->get('/echo/told', %bearer, 'X-Forwarded-User' => 'root', x_forwarded_user => 'root')->{body},
    qr/^X-Forwarded-User: ada\r?$/m, 'which says who it is';
is_deeply arrived('/echo/asked', %bearer), [@believed, @plain], 'what a subrequest must not believe, its parent still has';

# More of them than one part of nginx's list of fields holds.
my $r = $t->get('/echo/guarded', %bearer, (map { ("X-Filler-$_" => 'x') } 1 .. 40), 'X-User' => 'root');
unlike $r->{body}, qr/: root/, 'behind forty others';
is scalar(() = $r->{body} =~ /^X-Filler-\d+: x\r?$/mg), 40, 'which all arrive';
$t->done;
