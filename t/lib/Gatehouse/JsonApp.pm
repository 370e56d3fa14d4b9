package Gatehouse::JsonApp;

# An app that answers with what a test puts into its directory, in processes of its own; every request is
# noted in the file `asked`.
#
#     $app->serve('stats', '[{"n":1}]', 'Cache-Control: max-age=1');   JSON, with an ETag and 304s
#     $app->raw('stats', "HTTP/1.1 500 No\r\n\r\n");                   these bytes, whatever is asked
#     $app->raw('stats', "HTTP/1.1 200 OK\r\n\r\n[", 'trickle');       then a blank every 50 ms, for ever
#     $app->raw('stats', "HTTP/1.1 200 OK\r\n\r\n[", 'flood');         then blanks as fast as they go
#
# Every answer closes its connection.

use v5.36;
use Digest::MD5 qw(md5_hex);
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();

sub start ($class, $port, $dir) {
    mkdir $dir or die "$dir: $!";
    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 512, ReuseAddr => 1) or die "port $port: $!";
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $SIG{TERM} = $SIG{INT} = sub { kill 'TERM', 0 if getpgrp == $$; POSIX::_exit(0) };
        $SIG{CHLD} = 'IGNORE';
        $SIG{PIPE} = 'IGNORE';
        setpgrp;
        while (1) {
            my $peer = $listener->accept or next;
            my $child = fork // next;
            close $peer and next if $child;
            $SIG{TERM} = 'DEFAULT';
            eval { answer($dir, $peer) };
            POSIX::_exit(0);
        }
    }
    return bless {pid => $pid, port => $port, dir => $dir, owner => $$}, $class;
}

sub url ($self, $name) { return "http://127.0.0.1:$self->{port}/$name" }

sub put ($self, $name, $answer) {
    my $path = "$self->{dir}/$name";
    open my $file, '>:raw', "$path.tmp" or die "$path.tmp: $!";
    print {$file} JSON::PP->new->latin1->encode($answer);
    close $file or die "$path.tmp: $!";
    rename "$path.tmp", $path or die "$path: $!";
    return;
}

sub serve ($self, $name, $json, @fields) { return $self->put($name, {json => $json, fields => \@fields}) }
sub raw ($self, $name, $bytes, $then = '') { return $self->put($name, {raw => $bytes, then => $then}) }

# The requests so far, as their headers.
sub asked ($self, $name) {
    open my $file, '<:raw', "$self->{dir}/asked" or return;
    local $/ = "\0";
    return map { chomp; $_ } grep { m{^GET /\Q$name\E[ ?]} } <$file>;
}

sub stop ($self) {
    my $pid = delete $self->{pid} // return;
    local ($?, $!);
    kill 'TERM', $pid;
    waitpid $pid, 0;
    return;
}

sub DESTROY ($self) {
    $self->stop if $self->{owner} == $$;
    return;
}

# --- in the child ---

sub answer ($dir, $peer) {
    my $request = '';
    while ($request !~ /\r\n\r\n/) {
        sysread $peer, $request, 65_536, length $request or return;
    }
    open my $asked, '>>:raw', "$dir/asked" or die;
    syswrite $asked, "$request\0";
    my ($name) = $request =~ m{^GET /([^ ?]*)};
    my $told = told($dir, $name) // return send_all($peer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    return send_json($peer, $request, $told) if !defined $told->{raw};
    send_all($peer, $told->{raw});
    while ($told->{then} eq 'trickle') {
        send_all($peer, ' ') or last;
        select undef, undef, undef, 0.05;
    }
    while ($told->{then} eq 'flood') {
        send_all($peer, ' ' x 65_536) or last;
    }
    return;
}

sub told ($dir, $name) {
    open my $file, '<:raw', "$dir/$name" or return;
    local $/;
    return JSON::PP->new->latin1->decode(readline $file);
}

sub send_json ($peer, $request, $told) {
    my $tag = '"' . md5_hex($told->{json}) . '"';
    my $fields = join '', map { "$_\r\n" } "ETag: $tag", @{$told->{fields}};
    return send_all($peer, "HTTP/1.1 304 Not Modified\r\n$fields\r\n") if $request =~ /^If-None-Match: \Q$tag\E\r$/m;
    return send_all($peer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${fields}Content-Length: "
        . length($told->{json}) . "\r\nConnection: close\r\n\r\n$told->{json}");
}

sub send_all ($peer, $bytes) {
    while (length $bytes) {
        my $sent = syswrite($peer, $bytes) // return 0;
        substr($bytes, 0, $sent) = '';
    }
    return 1;
}

1;
