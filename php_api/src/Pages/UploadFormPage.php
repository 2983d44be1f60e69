<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\FinalizedUpload;
use CrowdSky\Uploads\PostedFile;
use CrowdSky\Uploads\SubReceiver;
use CrowdSky\Uploads\UploadRefused;
use CrowdSky\Uploads\UploadServices;
use CrowdSky\Uploads\UploadSession;

/** The whole upload in one form, for browsers without JavaScript. */
final class UploadFormPage
{
    /** @throws Refusal when the form is too large for this server, or not ours */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();
        if (PostedFile::isDropped($request)) {
            throw UploadRefused::formTooLarge((string) ini_get('post_max_size'));
        }
        $visitor->requireCsrf($request->form('csrf_token'));

        return RefusedForm::take(
            $request,
            static fn (): Response => self::take($app, $request, $visitor, $user),
            static fn (): Response => UploadPage::form($app, $request, $visitor),
        );
    }

    private static function take(App $app, Request $request, Visitor $visitor, User $user): Response
    {
        if ($request->fileList('files') === []) {
            throw Refusal::badInput('Choose at least one file', 'no_file')->at('files[]');
        }
        $services = UploadServices::of($app);
        $session = $services->sessions()->start($user);
        [$accepted, $refused] = self::receiveAll($services->receiver(), $user, $session, $request->fileList('files'));
        $upload = $accepted === [] ? null : $services->finalizer()->finalize($user, $session->token);

        if ($upload === null) {
            $services->sessions()->forgetIfEmpty($session);
            return View::of($visitor)->page('upload_result', 'Upload', ['refused' => $refused])->refusing(RefusalKind::BadInput);
        }
        self::leaveNotes($visitor, Texts::of($request), count($accepted), $upload, $refused);

        return Response::redirect("status.php?session={$session->token}");
    }

    /** @param array<string, string> $refused reason by name */
    private static function leaveNotes(Visitor $visitor, Texts $texts, int $accepted, FinalizedUpload $upload, array $refused): void
    {
        Notes::leave($visitor, implode(' ', [
            $texts->count($accepted, '{n} sub received.', '{n} subs received.'),
            $upload->queuedIds === []
                ? $texts->say('Nothing new to stack: all of this light is in your stacks or waits for one already.')
                : $texts->count(count($upload->queuedIds), '{n} chunk now waits for a worker.', '{n} chunks now wait for a worker.'),
        ]));
        foreach ($refused as $name => $reason) {
            Notes::leave($visitor, "$name: {$texts->repeat($reason)}");
        }
    }

    /**
     * Receives all files; a bad one does not stop the others.
     *
     * @param list<array<string, mixed>> $entries
     * @return array{list<string>, array<string, string>} names of accepted files; reason by name of those refused
     */
    private static function receiveAll(SubReceiver $receiver, User $user, UploadSession $session, array $entries): array
    {
        $accepted = [];
        $refused = [];
        foreach ($entries as $entry) {
            try {
                $file = PostedFile::fromEntry($entry);
                $answer = $receiver->receive($user, $session->token, $file->name, $file->open(), $file->bytes);
                $accepted[] = $answer['filename'];
            } catch (Refusal $refusal) {
                $refused[(string) $entry['name']] = $refusal->getMessage();
            }
        }

        return [$accepted, $refused];
    }
}
