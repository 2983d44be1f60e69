<?php
/**
 * An upload whose subs wait to be stacked: go on, stack what has arrived, or discard it.
 *
 * @var array{id: int, token: string, files: int, bytes: int, last_activity_at: string} $upload
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Pages\Figures;

$hidden = '<input type="hidden" name="csrf_token" value="' . $e($csrfToken) . '">'
    . '<input type="hidden" name="session_token" value="' . $e($upload['token']) . '">';
?>
<section id="upload-<?= $e($upload['token']) ?>" class="note waiting unfinished">
    <p><?= $t->count($upload['files'], '{n} sub ({size}) of <a href="{address}">Upload {id}</a> has arrived and waits, since {when}.', '{n} subs ({size}) of <a href="{address}">Upload {id}</a> have arrived and wait, since {when}.', [
        'size' => Figures::bytes($texts, $upload['bytes']),
        'address' => "status.php?session={$upload['token']}",
        'id' => $upload['id'],
        'when' => $time($upload['last_activity_at']),
    ]) ?></p>
    <div class="actions small">
        <button type="button" class="with-script" data-go-on="<?= $e($upload['token']) ?>"><?= $t('Go on with this upload') ?></button>
        <form method="post" action="finalize.php"><?= $hidden ?><button class="second"><?= $t('Stack what has arrived') ?></button></form>
        <details>
            <summary><?= $t('Discard…') ?></summary>
            <form method="post" action="upload.php"><?= $hidden ?><input type="hidden" name="action" value="discard">
                <p><?= $t('The subs that have arrived are deleted from the site. Nothing is stacked.') ?></p>
                <button class="danger"><?= $t('Discard this upload') ?></button>
            </form>
        </details>
    </div>
</section>
