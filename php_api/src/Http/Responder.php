<?php

declare(strict_types=1);

namespace CrowdSky\Http;

use CrowdSky\Base\Logger;
use CrowdSky\Base\Readable;
use CrowdSky\Base\Refusal;

/**
 * The one place that turns a Throwable into an answer.
 *
 * A client gets the true status and a message meant for it; of an unexpected error it gets only a reference number,
 * under which the log has the details.
 */
final class Responder
{
    /** @param \Closure(int, string, ?string, Request): string $errorPage renders status, message and reference as HTML */
    public function __construct(
        private readonly ?Logger $log,
        private readonly \Closure $errorPage,
    ) {
    }

    public function toResponse(\Throwable $error, Request $request): Response
    {
        [$status, $headers] = match (true) {
            $error instanceof Refusal => [Status::of($error->kind), Status::headers($error->kind, $error->retryAfterSeconds)],
            $error instanceof HttpError => [$error->status, $error->headers],
            default => [500, []],
        };
        $isKnown = $error instanceof Refusal || $error instanceof HttpError;
        $code = $isKnown ? $error->errorCode : 'internal';
        $message = $isKnown ? $error->getMessage() : 'Something went wrong on the server';
        $reference = $status >= 500 ? strtoupper(bin2hex(random_bytes(4))) : null;
        if ($reference !== null) {
            $this->report($error, $status, $reference, $request);
        }
        $response = $request->wantsPage()
            ? Response::html(($this->errorPage)($status, $message, $reference, $request), $status)
            : Response::json(['error' => $message, 'code' => $code] + ($reference === null ? [] : ['reference' => $reference]), $status);
        return $response->with($headers);
    }

    /** The page used where the site has not set a nicer one, such as in the API. */
    public static function plainPage(int $status, string $message, ?string $reference): string
    {
        $text = htmlspecialchars($message, ENT_QUOTES | ENT_SUBSTITUTE);
        $line = $reference === null ? '' : "<p>Reference: $reference</p>";
        return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>$status</title><h1>$status</h1><p>$text</p>$line</html>";
    }

    private function report(\Throwable $error, int $status, string $reference, Request $request): void
    {
        $causes = [];
        for ($cause = $error; $cause !== null; $cause = $cause->getPrevious()) {
            $causes[] = $cause::class . ": {$cause->getMessage()} at {$cause->getFile()}:{$cause->getLine()}";
        }
        $context = ['status' => $status, 'script' => $request->script(), 'method' => $request->method(), 'causes' => $causes];
        $isExpected = in_array($status, [503, 507], true);
        if (!$isExpected) {
            $context['trace'] = explode("\n", $error->getTraceAsString());
        }
        if ($this->log === null) {
            error_log(Readable::text("CrowdSky $reference: " . implode(' <- ', $causes), 4000));
        } elseif ($isExpected) {
            $this->log->warning("request refused, reference $reference", $context);
        } else {
            $this->log->error("request failed, reference $reference", $context);
        }
    }
}
