<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Http;

use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use CrowdSky\Http\Responder;
use CrowdSky\Http\Response;
use CrowdSky\Http\Status;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\StorageUnavailable;
use PHPUnit\Framework\TestCase;

/** What clients have always been answered: these numbers, codes and headers are the contract of docs/api.md. */
final class StatusTest extends TestCase
{
    /**
     * @dataProvider refusals
     * @param array<string, string> $headers
     */
    public function testARefusalIsAnsweredAsTheContractSays(\Throwable $refusal, int $status, string $code, array $headers): void
    {
        $response = (new Responder(null, Responder::plainPage(...)))->toResponse($refusal, new Request([]));

        $body = json_decode((string) $response->body, true);
        self::assertSame([$status, $code, $refusal->getMessage()], [$response->status, $body['code'], $body['error']]);
        self::assertSame($headers, array_diff_key($response->headers, ['Content-Type' => true]));
    }

    /** @return iterable<array{\Throwable, int, string, array<string, string>}> */
    public static function refusals(): iterable
    {
        yield [Refusal::badInput('m'), 400, 'bad_request', []];
        yield [Refusal::badInput('m', 'incomplete'), 400, 'incomplete', []];
        yield [Refusal::keyNeeded('m'), 401, 'unauthorized', ['WWW-Authenticate' => 'Bearer']];
        yield [Refusal::loginNeeded('m'), 401, 'login_required', []];
        yield [HttpError::elsewhere('login.php', 'm', 'login_required'), 302, 'login_required', ['Location' => 'login.php']];
        yield [Refusal::forbidden('m', 'csrf'), 403, 'csrf', []];
        yield [Refusal::notFound('m'), 404, 'not_found', []];
        yield [new ObjectMissing('/a/b'), 404, 'not_found', []];
        yield [HttpError::methodNotAllowed(['GET', 'PUT']), 405, 'method_not_allowed', ['Allow' => 'GET, PUT']];
        yield [Refusal::conflict('m'), 409, 'conflict', []];
        yield [new LeaseLost(1, 'm'), 409, 'lease_lost', []];
        yield [new ObjectExists('/a/b'), 409, 'already_stored', []];
        yield [Refusal::sizeNeeded(), 411, 'length_required', []];
        yield [HttpError::preconditionFailed('m'), 412, 'precondition_failed', []];
        yield [Refusal::tooLarge('It', 5), 413, 'too_large', []];
        yield [HttpError::unsupportedMedia('m'), 415, 'unsupported_media', []];
        yield [HttpError::rangeNotSatisfiable(7), 416, 'range_not_satisfiable', ['Content-Range' => 'bytes */7']];
        yield [Refusal::unusable('m', 'not_stored'), 422, 'not_stored', []];
        yield [Refusal::tooOften('m', 9), 429, 'too_many_requests', ['Retry-After' => '9']];
    }

    /**
     * @dataProvider failures
     * @param array<string, string> $headers
     */
    public function testAFailureOfTheSiteHasANumberForItsLog(\Throwable $failure, int $status, string $code, array $headers): void
    {
        $log = (string) ini_set('error_log', '/dev/null');
        try {
            $response = (new Responder(null, Responder::plainPage(...)))->toResponse($failure, new Request([]));
        } finally {
            ini_set('error_log', $log);
        }

        $body = json_decode((string) $response->body, true);
        self::assertSame([$status, $code], [$response->status, $body['code']]);
        self::assertMatchesRegularExpression('/^[0-9A-F]{8}$/', $body['reference']);
        self::assertSame($headers, array_diff_key($response->headers, ['Content-Type' => true]));
    }

    /** @return iterable<array{\Throwable, int, string, array<string, string>}> */
    public static function failures(): iterable
    {
        yield [new Refusal(RefusalKind::SiteFault, 'upload_failed', 'm'), 500, 'upload_failed', []];
        yield [new \LogicException('m'), 500, 'internal', []];
        yield [Refusal::unavailable('m', 1), 503, 'unavailable', ['Retry-After' => '1']];
        yield [new StorageUnavailable('m'), 503, 'storage_unavailable', ['Retry-After' => '30']];
        yield [Refusal::noRoom('m'), 507, 'insufficient_storage', []];
    }

    public function testAPageCanCarryTheStatusOfARefusal(): void
    {
        $response = Response::html('<p>')->refusing(RefusalKind::TooOften, 60);

        self::assertSame([429, '60', '<p>'], [$response->status, $response->headers['Retry-After'], $response->body]);
    }

    public function testEveryKindHasAStatus(): void
    {
        foreach (RefusalKind::cases() as $kind) {
            self::assertGreaterThanOrEqual(400, Status::of($kind), $kind->name);
        }
    }
}
