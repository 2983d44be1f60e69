<?php
/**
 * @var list<array<string, mixed>> $sessions
 * @var CrowdSky\Pages\Texts $texts
 * @var CrowdSky\Pages\TemplateTexts $t
 * @var Closure $e
 * @var Closure $time
 */
use CrowdSky\Base\Format;
use CrowdSky\Pages\Figures;
use CrowdSky\Pages\Nights\JobWords;
use CrowdSky\Pages\Nights\UploadWords;

?>
<p class="trail"><a href="status.php"><?= $t('My nights') ?></a></p>
<h1><?= $t('My uploads') ?></h1>
<?php if ($sessions === []) : ?>
<div class="empty">
    <p><?= $t('You have not uploaded anything yet.') ?></p>
    <p><a class="button" href="upload.php"><?= $t('Upload your first subs') ?></a></p>
</div>
<?php else : ?>
<div class="scroll" role="region" aria-label="<?= $t('My uploads') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Uploaded') ?></th><th><?= $t('Started') ?></th><th><?= $t('State') ?></th><th class="number"><?= $t('Files') ?></th><th class="number"><?= $t('Size') ?></th><th><?= $t('Chunks') ?></th></tr></thead>
    <tbody>
<?php foreach ($sessions as $session) : ?>
        <tr>
            <td class="title" data-label="<?= $t('Uploaded') ?>"><a href="status.php?session=<?= $e($session['session_token']) ?>"><?= $t('Upload {id}', ['id' => $session['id']]) ?></a></td>
            <td data-label="<?= $t('Started') ?>"><?= $time($session['created_at']) ?></td>
            <td data-label="<?= $t('State') ?>"><?= $e(UploadWords::outcome($texts, $session['status'], $session['jobs'])) ?></td>
            <td class="number" data-label="<?= $t('Files') ?>"><?= $e($session['files']) ?></td>
            <td class="number" data-label="<?= $t('Size') ?>"><?= $e(Figures::bytes($texts, $session['bytes'])) ?></td>
            <td data-label="<?= $t('Chunks') ?>"><span class="states">
<?php foreach ($session['jobs'] as $status => $count) : ?>
                <span class="state <?= $e($status) ?>"><?= $e(JobWords::counted($texts, $status, $count)) ?></span>
<?php endforeach ?>
<?= $session['jobs'] === [] ? $e(Format::NONE) : '' ?></span></td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php endif ?>
