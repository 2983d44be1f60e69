<?php
/**
 * One chunk with its neighbours, or the uploads that wait for nobody; and what was changed by hand.
 *
 * @var ?CrowdSky\Regrouping\Chunk $chunk null for the list
 * @var ?CrowdSky\Base\Refusal $refusal why the form was not taken
 * @var list<array{change: CrowdSky\Regrouping\ChunkChange, problem: ?string}> $changes latest first, with why one cannot be undone
 * @var list<CrowdSky\Uploads\OpenUpload> $uploads for the list
 * @var string $csrfToken
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var CrowdSky\Pages\Texts $texts
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 */
use CrowdSky\Pages\Figures;

?>
<p class="trail"><a href="admin.php"><?= $t('Queue') ?></a><?= $chunk === null ? '' : ' › <a href="admin_chunks.php">' . $t('Chunks') . '</a>' ?></p>
<?php if ($refusal !== null) : ?>
<p class="problem" role="alert"><?= $e(rtrim($texts->repeat($refusal->getMessage()), '.')) ?>.</p>
<?php endif ?>
<?php if ($chunk !== null) : ?>
<?= $partial('admin_chunk', []) ?>
<?php else : ?>
<h1><?= $t('Chunks by hand') ?></h1>
<p><?= $t('To merge or split chunks, open one of them from the <a href="admin.php">queue</a>.') ?></p>
<h2><?= $t('Uploads that were not submitted') ?></h2>
<?php if ($uploads === []) : ?>
<p class="empty"><?= $t('Every upload with subs has been submitted.') ?></p>
<?php else : ?>
<p><?= $t('Their subs are here, and no job stacks them. If nobody submits them, they are deleted later.') ?></p>
<div class="scroll" role="region" aria-label="<?= $t('Uploads that were not submitted') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Upload') ?></th><th><?= $t('Owner') ?></th><th><?= $t('Subs') ?></th><th><?= $t('Last file') ?></th><th><?= $t('Actions') ?></th></tr></thead>
    <tbody>
<?php foreach ($uploads as $upload) : ?>
        <tr>
            <td data-label="<?= $t('Upload') ?>"><?= $e($upload->id) ?></td>
            <td data-label="<?= $t('Owner') ?>"><?= $e($upload->owner) ?></td>
            <td data-label="<?= $t('Subs') ?>"><?= $t->count($upload->files, '{n} sub', '{n} subs') ?>, <?= $e(Figures::bytes($texts, $upload->bytes)) ?></td>
            <td data-label="<?= $t('Last file') ?>"><?= $time($upload->lastActivityAt) ?></td>
            <td data-label="<?= $t('Actions') ?>">
<?php if ($upload->isBusy) : ?>
                <span class="hint"><?= $t('may still be sending') ?></span>
<?php else : ?>
                <form method="post" action="admin_chunks.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="upload" value="<?= $e($upload->id) ?>">
                    <button class="second" name="action" value="submit"><?= $t('Queue its chunks') ?></button>
                </form>
<?php endif ?></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
<?php endif ?>
<?php if ($changes !== []) : ?>
<h2><?= $t('Changed by hand') ?></h2>
<ul class="chunk-changes">
<?php foreach ($changes as ['change' => $change, 'problem' => $problem]) : ?>
    <li><?= $time($change->createdAt) ?>: <?= $partial('chunk_change', ['change' => $change, 'who' => $change->actor]) ?>
<?php if ($problem !== null) : ?>
        <span class="hint"><?= $t('Cannot be undone: {why}.', ['why' => $texts->repeat($problem)]) ?></span>
<?php else : ?>
        <form class="inline" method="post" action="admin_chunks.php">
            <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
            <input type="hidden" name="change" value="<?= $e($change->id) ?>">
<?php if ($chunk !== null) : ?>
            <input type="hidden" name="job" value="<?= $e($chunk->job->id) ?>">
<?php endif ?>
            <button class="second" name="action" value="undo"><?= $t('Undo') ?></button>
        </form>
<?php endif ?></li>
<?php endforeach ?>
</ul>
<?php endif ?>
