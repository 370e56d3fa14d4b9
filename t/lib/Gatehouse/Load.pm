package Gatehouse::Load;

# Clients that keep asking while something happens to the server, and account for every request.
#
# A body is checked against its ETag: Content-Length exact, one tag always the same bytes, and the first
# time a tag is seen its JSON parses and every "generation" in it is equal, for bytes of two generations
# would be a torn answer. Failures are kept with the number of their request.

use v5.36;
use Digest::MD5 qw(md5);
use JSON::PP ();
use POSIX ();
use Gatehouse::Http;
use Gatehouse::Wait qw(now wait_for);

# Gatehouse::Load->start(port => N, paths => ['/a'], clients => 2, requests => N per client (0: until
#     stopped), keepalive => 1, headers => {}, pause => seconds between two requests,
#     accept => sub ($response) { undef or what is wrong } in place of "status is 200")
sub start ($class, %option) {
    my %self = (clients => 2, requests => 0, keepalive => 1, headers => {}, pause => 0, %option);
    my $self = bless \%self, $class;
    for my $client (1 .. $self->{clients}) {
        pipe(my $reader, my $writer) or die "pipe: $!";
        my $pid = fork // die "fork: $!";
        if ($pid == 0) {
            close $reader;
            # _exit: the parent's END blocks are not this process's to run.
            my $ok = eval { print {$writer} JSON::PP::encode_json($self->run($client)); close $writer };
            warn $@ if !$ok;
            POSIX::_exit($ok ? 0 : 1);
        }
        close $writer;
        push @{$self->{children}}, {pid => $pid, reader => $reader};
    }
    return $self;
}

# Stops the clients that run until told to and returns the sum of their reports:
# {requests, failed => [[client.number, reason], …], failures, torn, retried, statuses => {}, tags}.
sub stop ($self) {
    kill 'TERM', map { $_->{pid} } @{$self->{children}};
    return $self->report;
}

# Waits for the clients' own end.
sub report ($self) {
    my %sum = (requests => 0, failures => 0, failed => [], torn => 0, retried => 0, statuses => {}, tags => 0);
    for my $child (splice @{$self->{children}}) {
        my $text = do { local $/; readline $child->{reader} } // '';
        waitpid $child->{pid}, 0;
        my $report = eval { JSON::PP::decode_json($text) } // {failures => 1, failed => [['?', 'client died']]};
        $sum{$_} += $report->{$_} // 0 for qw(requests failures torn retried);
        $sum{tags} = $report->{tags} if ($report->{tags} // 0) > $sum{tags};
        push @{$sum{failed}}, @{$report->{failed}};
        $sum{statuses}{$_} += $report->{statuses}{$_} for keys %{$report->{statuses}};
    }
    return \%sum;
}

sub kill_clients ($self) {
    kill 'KILL', map { $_->{pid} } @{$self->{children} // []};
    waitpid $_->{pid}, 0 for splice @{$self->{children} // []};
    return;
}

# --- in the child ---

sub run ($self, $client) {
    my $running = 1;
    local @SIG{qw(TERM INT)} = (sub { $running = 0 }, 'IGNORE');
    my %report = (requests => 0, failures => 0, failed => [], torn => 0, retried => 0, statuses => {});
    my $http = Gatehouse::Http->new(port => $self->{port}, keepalive => $self->{keepalive}, timeout => 20);
    my @paths = @{$self->{paths}};
    for (my $n = 0; $running && (!$self->{requests} || $n < $self->{requests}); ++$n) {
        my $wrong = $self->one($http, $paths[$n % @paths], "$client.$n", \%report);
        ++$report{requests};
        if (defined $wrong) {
            ++$report{failures};
            push @{$report{failed}}, ["$client.$n", $wrong] if @{$report{failed}} < 100;
        }
        select undef, undef, undef, $self->{pause} if $self->{pause};
    }
    $report{tags} = keys %{$self->{seen} // {}};
    return \%report;
}

# One request; returns what is wrong with its answer, or undef.
sub one ($self, $http, $path, $number, $report) {
    my %headers = (%{$self->{headers}}, 'X-Load' => $number);
    my $response = eval { $http->get($path, %headers) };
    # A server may close an idle connection while a request is on its way to it; a client then sends it
    # again on another one (RFC 9112 section 9.3.1). Never on a fresh connection, never twice.
    if (!$response && $http->{reused} && $@ =~ /^closed before the status line/) {
        ++$report->{retried};
        $response = eval { $http->get($path, %headers) };
    }
    return 'no answer: ' . ($@ =~ s/\n//r) if !$response;
    ++$report->{statuses}{$response->{status}};
    my $wrong =
          $self->{accept} ? $self->{accept}->($response)
        : $response->{status} == 200 ? undef
        :                              "status $response->{status}";
    return $wrong if defined $wrong || $response->{status} != 200;
    my $torn = $self->torn($path, $response) // return;
    ++$report->{torn};
    return $torn;
}

sub torn ($self, $path, $response) {
    my ($tag, $body) = ($response->{header}{etag}, $response->{body});
    return 'no ETag' if !defined $tag;
    my $digest = md5($body);
    my $known = $self->{seen}{"$path $tag"};
    return $known eq $digest ? undef : "two bodies under the ETag $tag" if defined $known;
    $self->{seen}{"$path $tag"} = $digest;
    return if ($response->{header}{'content-encoding'} // '') ne '';
    return if ($response->{header}{'content-type'} // '') !~ /json/;
    return "body of $tag is no JSON" if !is_json($body);
    return mixed_generations($body);
}

# RFC 8259 as a pattern: JSON::PP takes a second for what this takes milliseconds for, and the clients
# are to load nginx, not themselves.
my $json = do {
    my $string = qr{"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"};
    qr{
        (?<value> \s*+ (?: $string
            | -?+(?:0|[1-9]\d*+)(?:\.\d++)?+(?:[eE][+-]?\d++)?+ | true | false | null
            | \[ (?: (?&value) (?: , (?&value) )*+ | \s*+ ) \]
            | \{ (?: (?&pair) (?: , (?&pair) )*+ | \s*+ ) \}
        ) \s*+ )
        (?(DEFINE) (?<pair> \s*+ $string \s*+ : (?&value) ))
    }x;
};

sub is_json ($text) { return $text =~ /\A$json\z/ }

sub mixed_generations ($body) {
    my %generations;
    ++$generations{$1} while $body =~ /"generation":\s*(\d+)/g;
    return keys %generations > 1 ? 'generations ' . join(', ', sort keys %generations) . ' in one body' : undef;
}

1;
