package Gatehouse::Receiver;

# A server that alerts and heartbeats are sent to, in a process of its own: notes each request, and answers with 200, or as a
# test has told it beforehand.
#
#     my $receiver = Gatehouse::Receiver->start($t->port(1), $t->dir('receiver'));
#     $receiver->url('hook');
#     $receiver->answer('hook', "500 No", "503 No\r\nRetry-After: 2");   the next two requests of /hook
#     $receiver->got('hook')                                             {method, fields, body, at} of each so far, or how many

use v5.36;
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes ();

my $json = JSON::PP->new->latin1->canonical;

sub start ($class, $port, $dir) {
    mkdir $dir or die "$dir: $!";
    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 64, ReuseAddr => 1) or die "port $port: $!";
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        $SIG{TERM} = $SIG{INT} = sub { POSIX::_exit(0) };
        $SIG{PIPE} = 'IGNORE';
        while (1) {
            my $peer = $listener->accept or next;
            eval { serve($dir, $peer) };
        }
    }
    return bless {pid => $pid, port => $port, dir => $dir, owner => $$}, $class;
}

sub url ($self, $name) { return "http://127.0.0.1:$self->{port}/$name" }

sub answer ($self, $name, @answers) {
    my $path = "$self->{dir}/answers-$name";
    open my $file, '>:raw', "$path.tmp" or die "$path.tmp: $!";
    print {$file} $json->encode(\@answers);
    close $file or die "$path.tmp: $!";
    rename "$path.tmp", $path or die "$path: $!";
    return;
}

sub got ($self, $name) {
    my @got;
    if (open my $file, '<:raw', "$self->{dir}/got") {
        @got = grep { $_->{name} eq $name } map { $json->decode($_) } <$file>;
    }
    return @got;
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

sub serve ($dir, $peer) {
    my $request = '';
    while ($request !~ /\r\n\r\n/) {
        sysread $peer, $request, 65_536, length $request or return;
    }
    my ($head, $body) = split /\r\n\r\n/, $request, 2;
    my ($length) = $head =~ /^Content-Length: *(\d+)/mi;
    while (length $body < ($length // 0)) {
        sysread $peer, $body, 65_536, length $body or return;
    }
    my ($method, $name) = $head =~ m{^(\w+) /([^ ?]*)};
    my %fields = map { lc(s/:.*//sr) => s/^[^:]*: *//r } grep { /:/ } (split /\r\n/, $head)[1 .. ($head =~ tr/\n//)];
    my $answer = next_answer($dir, $name) // '200 OK';
    open my $got, '>>:raw', "$dir/got" or die;
    syswrite $got, $json->encode(
        {method => $method, name => $name, fields => \%fields, body => $body, at => Time::HiRes::time(), answer => $answer}) . "\n";
    syswrite $peer, "HTTP/1.1 $answer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    return;
}

sub next_answer ($dir, $name) {
    my $path = "$dir/answers-$name";
    open my $file, '<:raw', $path or return;
    local $/;
    my @answers = @{$json->decode(readline $file)};
    my $next = shift @answers;
    open my $rest, '>:raw', "$path.tmp" or die;
    print {$rest} $json->encode(\@answers);
    close $rest or die;
    rename "$path.tmp", $path or die;
    return $next;
}

1;
