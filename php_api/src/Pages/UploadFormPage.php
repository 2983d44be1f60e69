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
use CrowdSky\Raws\RawServices;
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
        $services = UploadServices::of($app);
        $session = $services->sessions()->start($user);
        [$accepted, $refused] = self::receiveAll($services->receiver(), $user, $session, $request->fileList('files'));
        $upload = $accepted === [] ? null : $services->finalizer()->finalize($user, $session->token);

        $page = View::of($visitor)->page('upload_result', 'Upload', [
            'accepted' => $accepted,
            'refused' => $refused,
            'zoneless' => RawServices::of($app)->zones()->missingIn($session->id),
            'upload' => $upload,
            'sessionToken' => $session->token,
        ]);

        return $accepted === [] ? $page->refusing(RefusalKind::BadInput) : $page;
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
