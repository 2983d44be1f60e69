<?php
/**
 * @var list<string> $accepted
 * @var array<string, string> $refused  name => reason
 * @var ?CrowdSky\Uploads\FinalizedUpload $upload
 * @var string $sessionToken
 * @var list<string> $zoneless telescopes with local times whose zone is not known
 * @var Closure $e
 * @var Closure $partial
 */
use CrowdSky\Base\Format;

?>
<h1><?= $upload === null ? 'Nothing was uploaded' : 'Upload finished' ?></h1>
<?php if ($upload !== null) : ?>
<p class="note" role="status"><?= $e(Format::count(count($accepted), 'sub', 'subs')) ?> received,
    <?= $e(Format::count(count($upload->queuedIds), 'chunk', 'chunks')) ?> queued<?php if ($upload->skipped !== []) : ?>,
    <?= $e(Format::count(count($upload->skipped), 'chunk', 'chunks')) ?> stacked before<?php endif ?><?php if ($upload->leftOut !== []) : ?>,
    <?= $e(Format::count(count($upload->leftOut), 'sub', 'subs')) ?> left out<?php endif ?>.
    <a href="status.php?session=<?= $e($sessionToken) ?>">See how it goes</a></p>
<?= $partial('zone_banner', ['zoneless' => $zoneless]) ?>
<?php elseif ($refused === []) : ?>
<p>Choose at least one file.</p>
<?php endif ?>
<?php if ($upload !== null && $upload->leftOut !== []) : ?>
<h2>Left out</h2>
<ul class="files">
<?php foreach ($upload->leftOut as $sub) : ?>
    <li class="left"><span class="name"><?= $e($sub['filename']) ?></span> <span class="why"><?= $e($sub['reason']) ?></span></li>
<?php endforeach ?>
</ul>
<?php endif ?>
<?php if ($refused !== []) : ?>
<h2>Refused</h2>
<ul class="files">
<?php foreach ($refused as $name => $reason) : ?>
    <li class="failed"><span class="name"><?= $e($name) ?></span> <span class="why"><?= $e($reason) ?></span></li>
<?php endforeach ?>
</ul>
<?php endif ?>
<p><a class="button" href="upload.php">Upload more</a></p>
