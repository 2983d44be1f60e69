<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PHPUnit\Framework\TestCase;

final class CheckerTest extends TestCase
{
    private const HEAD = "<?php\nnamespace CrowdSky\\Tests;\n"
        . "use CrowdSky\\Base\\Refusal, CrowdSky\\Base\\RefusalKind, CrowdSky\\Http\\HttpError, CrowdSky\\Jobs\\Job, CrowdSky\\Jobs\\JobStatus;"
        . " use CrowdSky\\Jobs\\JobStore, CrowdSky\\Jobs\\LeaseToken, CrowdSky\\Jobs\\RetryDelay, CrowdSky\\Trust\\HeldResults;\n";

    /** @dataProvider faults */
    public function testAFaultIsFound(string $code, string $fault): void
    {
        self::assertSame(["4: $fault"], Checker::faults(SourceFile::parse(self::HEAD . $code)));
    }

    /** @return iterable<array{string, string}> */
    public static function faults(): iterable
    {
        $store = 'function f(JobStore $store): void { %s }';
        yield [sprintf($store, '$store->fnd(1);'), 'CrowdSky\Jobs\JobStore has no method fnd()'];
        yield [sprintf($store, '$store->find(1, 2);'), 'CrowdSky\Jobs\JobStore::find() gets 2 arguments and takes 1'];
        yield [sprintf($store, '$store->find();'), 'CrowdSky\Jobs\JobStore::find() is not given $jobId'];
        yield [sprintf($store, '$store->find(1, id: 2);'), 'CrowdSky\Jobs\JobStore::find() takes no argument named id'];
        yield [sprintf($store, '$store->find("1");'), 'CrowdSky\Jobs\JobStore::find() gets string for $jobId, which is int'];
        yield [sprintf($store, '$store->find(null);'), 'CrowdSky\Jobs\JobStore::find() gets null for $jobId, which is int'];
        yield [sprintf($store, '$store->find($store);'), 'CrowdSky\Jobs\JobStore::find() gets CrowdSky\Jobs\JobStore for $jobId, which is int'];
        yield [sprintf($store, '$store->get(1)->colour;'), 'CrowdSky\Jobs\Job has no property $colour'];
        yield [sprintf($store, '$job = $store->find(1); $job?->paint();'), 'CrowdSky\Jobs\Job has no method paint()'];
        yield [sprintf($store, 'foreach ($store->checksOf(1) as $check) { $check->colour; }'), 'CrowdSky\Jobs\Job has no property $colour'];
        yield [sprintf($store, '$store->checksOf(1)[0]->colour;'), 'CrowdSky\Jobs\Job has no property $colour'];
        yield [sprintf($store, '$store->events->record(1, "a", "b");'), 'CrowdSky\Jobs\JobStore has no property $events for others'];
        yield ['function f(array $rows): void { foreach (array_map(Job::fromRow(...), $rows) as $job) { $job->paint(); } }', 'CrowdSky\Jobs\Job has no method paint()'];
        yield ['function f(HeldResults $held): void { fn () => array_filter($held->ofJob(1))[0]->size(); }', 'CrowdSky\Trust\HeldResult has no method size()'];
        yield ['new RetryDelay(60);', 'new CrowdSky\Jobs\RetryDelay is not given $random'];
        yield ['new RetryDelay(60, "random");', 'new CrowdSky\Jobs\RetryDelay gets string for $random, which is Closure'];
        yield ['new HttpError(400, "a", "b");', 'new CrowdSky\Http\HttpError is not for others'];
        yield ['new LeaseTokn("x");', 'there is no CrowdSky\Tests\LeaseTokn'];
        yield ['function f(LeaseTokn $token): void { }', 'there is no CrowdSky\Tests\LeaseTokn'];
        yield ['try { } catch (LeaseTokn) { }', 'there is no CrowdSky\Tests\LeaseTokn'];
        yield ['LeaseToken::hsh("x");', 'CrowdSky\Jobs\LeaseToken has no method hsh()'];
        yield ['JobStatus::Waiting;', 'CrowdSky\Jobs\JobStatus has no constant Waiting'];
        yield ['RetryDelay::CAP_SECONDS;', 'CrowdSky\Jobs\RetryDelay::CAP_SECONDS is not for others'];
        yield ['strlength("x");', 'there is no function strlength()'];
        yield ['strlen("x", "y");', 'strlen() gets 2 arguments and takes 1'];
        yield ['strlen(3);', 'strlen() gets int for $string, which is string'];
        yield ['PHP_INT_MOST;', 'there is no constant PHP_INT_MOST'];
        yield ['function f(int $a): int { return $a + $b; }', 'nothing gives $b a value'];
        yield ['function f(int $a): void { function () { return $a; }; }', 'nothing gives $a a value'];
        yield ['function f(): Job { return Refusal::notFound("x"); }', 'returns CrowdSky\Base\Refusal where CrowdSky\Jobs\Job is declared'];
        yield ['function f($a): void { }', 'f() declares no type for $a'];
        yield ['function f(int $a) { }', 'f() declares no type of its result'];
        yield [
            'function f(JobStatus $s): int { return match ($s) { JobStatus::Pending, JobStatus::Retry => 1, JobStatus::Processing => 2 }; }',
            'match leaves out Completed, Failed, Cancelled',
        ];
        yield [
            'function f(\CrowdSky\Storage\ObjectStorage $s): void { foreach (\CrowdSky\Fits\StoredHeader::each($s, "/x", 1) as $header) { $header->colour; } }',
            'CrowdSky\Fits\StoredHeader has no property $colour',
        ];
        yield ['function f(Refusal $r): void { $r instanceof HttpError ? $r->colour : 1; }', 'CrowdSky\Base\Refusal|CrowdSky\Http\HttpError has no property $colour'];
    }

    /** @dataProvider soundCode */
    public function testSoundCodeHasNoFault(string $code): void
    {
        self::assertSame([], Checker::faults(SourceFile::parse(self::HEAD . $code)));
    }

    /** @return iterable<array{string}> */
    public static function soundCode(): iterable
    {
        yield ['function f(\Throwable $e): mixed { return $e instanceof Refusal ? $e->kind : ($e instanceof HttpError ? $e->headers : 0); }'];
        yield ['function f(): int { preg_match("/a/", "a", $match); return count($match); }'];
        yield ['function f(): int { $n = 0; $add = function (int $m) use (&$n): void { $n += $m; }; $add(1); return $n; }'];
        yield ['function f(int $a): \Closure { return fn (int $b): \Closure => fn (int $c): int => $a + $b + $c; }'];
        yield ['function f(array $pair): int { [$a, [, $b]] = $pair; foreach ($pair as $k => [$c, $d]) { $a += $k + $c + $d; } return $a + $b; }'];
        yield ['function f(): float { return array_sum([1, 2]) + round(1); }'];
        yield ['function f(string ...$parts): string { return implode(",", $parts) . sprintf("%s %s", ...$parts); }'];
        yield ['function f(RefusalKind $k): int { return match ($k) { RefusalKind::NotFound => 1, default => 2 }; }'];
        yield ['function g(int $a = 1): int { return $a; } const LIMIT = 3; g(LIMIT); \CrowdSky\Tests\g();'];
        yield ['if (function_exists("getallheaders")) { getallheaders(); }'];
        yield ['new class { private int $a = 1; public function b(): int { return $this->a; } };'];
        yield ['new RetryDelay(baseSeconds: 60, random: static fn (): float => 0.5);'];
        yield ['function f(): \Generator { $x = yield 1; return $x; }'];
        yield ['function f(): void { try { throw new \LogicException(); } catch (\LogicException | Refusal $error) { echo $error->getMessage(); } }'];
    }

    public function testATemplateSaysWhatItIsGiven(): void
    {
        $template = SourceFile::parse("<p>\n<?= \$job->id, \$job->colour, \$title ?>");
        $given = $template->docTypes('')->variables("/**\n * @var CrowdSky\\Jobs\\Job \$job  the one shown\n * @var list<int> \$others\n */");

        self::assertSame(['2: CrowdSky\Jobs\Job has no property $colour', '2: nothing gives $title a value'], Checker::faults($template, $given));
    }

    public function testWhatIsDeclaredInVainIsFound(): void
    {
        $code = 'class A { private const X = 1; private int $y = 2; private function z(int $used): int { $lost = 1; return $used; }'
            . ' public function __construct(private int $p, private int $q) { echo $this->q; } }';

        self::assertSame(
            [
                '3: Refusal is imported and not used', '3: RefusalKind is imported and not used', '3: HttpError is imported and not used',
                '3: Job is imported and not used', '3: JobStatus is imported and not used', '3: JobStore is imported and not used',
                '3: LeaseToken is imported and not used', '3: RetryDelay is imported and not used', '3: HeldResults is imported and not used',
                '4: A::X is private and not used', '4: A::y is private and not used', '4: A::z is private and not used', '4: A::p is private and not used',
                '4: $lost is given a value and never read',
            ],
            Unused::faults(SourceFile::parse(self::HEAD . $code)),
        );
    }

    /** @dataProvider deadEnds */
    public function testCodeThatNothingLeadsToIsFound(string $body, bool $isFault): void
    {
        self::assertSame($isFault ? ['1: nothing leads here'] : [], Unused::faults(SourceFile::parse("<?php function f(): int { $body }")));
    }

    /** @return iterable<array{string, bool}> */
    public static function deadEnds(): iterable
    {
        yield ['return 1; echo 2;', true];
        yield ['if (true) { throw new X(); return 1; } return 2;', true];
        yield ['while (true) { continue; echo 2; } return 1;', true];
        yield ['try { exit; echo 2; } finally { return 1; }', true];
        yield ['if (true) { return 1; } return g() ?? throw new X();', false];
        yield ['switch (g()) { case 1: return 1; default: return 2; }', false];
        yield ['foreach ([] as $a) { if ($a) { break; } } return 1; function g(): int { return 1; }', false];
    }

    public function testACommentUsesWhatItNamesInATag(): void
    {
        $code = "<?php\nuse CrowdSky\\Jobs\\Job;\nuse CrowdSky\\Jobs\\JobStore;\n/**\n * A Job of the JobStore.\n *\n * @return list<Job>\n */\nfunction f(): array { return []; }";

        self::assertSame(['3: JobStore is imported and not used'], Unused::faults(SourceFile::parse($code)));
    }
}
